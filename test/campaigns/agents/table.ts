// The measured table in Markdown, and its place in a document between two markers. Pure.
import type { Expected } from './expected.js';
import { metLimits } from './judge-run.js';
import { isOneOf } from './patterns.js';
import type { Mode, Scenario } from './scenario.js';
import type { LeftFile, Measured } from './stage/row.js';

export interface Row {
  scenario: Scenario;
  mode: Mode;
  measured: Measured;
  /** Of wrapped rows. */
  expected?: Expected | undefined;
  faults: readonly string[];
}

const HEAD = `| | alone | qw-run | qw-exec | expected |
|---|---|---|---|---|`;

/** One table, of one agent: a line for each scenario. */
export const tableOf = (rows: readonly Row[]): string =>
  [HEAD, ...[...grouped(rows, ({ scenario }) => scenario.name).values()].map(lineOf)].join('\n');

/** Of one scenario. The launcher in Claude's slot is qw-exec's. */
function lineOf(rows: readonly Row[]): string {
  const cell = (...modes: Mode[]) => {
    const row = rows.find(({ mode }) => modes.includes(mode));
    return row ? whatWas(row) : '–';
  };
  const title = rows[0]?.scenario.title ?? '';
  return `| ${[title, cell('alone'), cell('qw-run'), cell('qw-exec', 'slot'), verdicts(rows)].join(' | ')} |`;
}

/** How it ended and what was left. */
function whatWas({ measured: { exit, tmp, root, elsewhere, processes } }: Row): string {
  const left = [
    ...names(tmp),
    ...names(root).map((name) => `TMPDIR ${name}`),
    ...names(elsewhere),
    ...(processes.length > 0 ? [`runs: ${counted(processes).join(', ')}`] : []),
  ];
  return [`${exit}`, ...left].join('; ');
}

/** Once where all wrapped ones agree, else with who it is. */
function verdicts(rows: readonly Row[]): string {
  const all = rows
    .map((row) => ({ mode: row.mode, text: verdict(row) }))
    .filter(({ text }) => text !== undefined);
  const isOne = new Set(all.map(({ text }) => text)).size <= 1;
  return isOne ? (all[0]?.text ?? '') : all.map(({ mode, text }) => `${mode}: ${text}`).join('<br>');
}

/** Nothing of one alone that ran as it was asked to. */
function verdict({ mode, measured, expected, faults }: Row): string | undefined {
  if (faults.length > 0) return `**not as expected**: ${counted(faults.map(patternOf)).join(', ')}`;
  if (mode === 'alone' || !expected) return undefined;
  const told = measured.isTold ? ['the model is told'] : [];
  return [...told, ...metLimits(measured, expected)].join('; ') || 'clean';
}

/** Top-level names as patterns, with how many entries and, from 1 MiB on, bytes. */
function names(files: readonly LeftFile[]): string[] {
  const groups = grouped(files, ({ path }) => patternOf(topOf(path)));
  return [...groups].sort().map(([name, group]) => `\`${name}\`${size(group)}`);
}

function size(group: readonly LeftFile[]): string {
  const bytes = group.reduce((sum, file) => sum + file.bytes, 0);
  const parts = [
    ...(group.length > 1 ? [`${group.length}`] : []),
    ...(bytes >= 2 ** 20 ? [`${Math.round(bytes / 2 ** 20)} MiB`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

const topOf = (path: string): string => {
  const [first = '', second, third] = path.split('/');
  if (first === '.') return './';
  if (first === '~') return [first, second, third === undefined ? '' : third].join('/');
  if (first === '') return path.split('/').slice(0, 4).join('/');
  return second === undefined ? first : `${first}/`;
};

/** Random parts of a name as `*`. */
const patternOf = (name: string): string => RANDOM.find((pattern) => isOneOf([pattern], name)) ?? plain(name);
const plain = (name: string): string => name.replace(/-\d{3,}(?=\/|$)/, '-<uid>');

const RANDOM = [
  'tmp.*',
  'claude-*-cwd',
  'claude-empty-*/',
  'claude-http-*.sock',
  'claude-settings-*.json',
  'claude-socks-*.sock',
  'srt-mux-*.sock',
  'fswatch-probe-*',
  '.*-*.so',
  'gemini-shell-*/',
  'qwen-socks-*/',
  'gemini-client-error-*.json',
];

const counted = (all: readonly string[]): string[] =>
  [...grouped(all, (one) => one)].map(([one, same]) => (same.length > 1 ? `${same.length} ${one}` : one));

/** Map.groupBy, which Node 20 has not. */
function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

export const MARKS = { begin: '<!-- measured: begin -->', end: '<!-- measured: end -->' };

/** @throws Error where a marker is missing */
export function spliced(document: string, text: string): string {
  const [begin, end] = [document.indexOf(MARKS.begin), document.indexOf(MARKS.end)];
  if (begin < 0 || end < begin) throw new Error(`the document lacks ${MARKS.begin} … ${MARKS.end}`);
  return `${document.slice(0, begin + MARKS.begin.length)}\n${text.trim()}\n${document.slice(end)}`;
}

/**
 * The document with these lines instead of those that it has of the same agent, version and scenario; all others stay, in the order of
 * `titles`. A version that it does not have comes before the others of its agent.
 * @throws Error where a marker is missing
 */
export function merged(document: string, text: string, titles: readonly string[]): string {
  const [, old = ''] = document.split(MARKS.begin);
  const [head = '', ...kept] = sectionsOf(old.split(MARKS.end)[0] ?? '');
  const [now = '', ...measured] = sectionsOf(text);
  const all = measured.reduce((sections, one) => withSection(sections, one, titles), kept);
  return spliced(document, [dated(head, now), ...all].map((one) => one.trim()).join('\n\n'));
}

const sectionsOf = (text: string): string[] => text.split(/^(?=### )/m);

/** Of all days. */
function dated(head: string, now: string): string {
  const days = new Set(`${head} ${now}`.match(/\d{4}-\d\d-\d\d/g)?.sort());
  return (head.trim() || now).replace(/\d{4}-\d\d-\d\d(, \d{4}-\d\d-\d\d)*/, [...days].join(', '));
}

function withSection(all: readonly string[], section: string, titles: readonly string[]): string[] {
  const at = all.findIndex((one) => versionOf(one) === versionOf(section));
  if (at >= 0) return all.with(at, withLines(all[at] as string, section, titles));
  const before = all.findIndex((one) => agentOf(one) === agentOf(section));
  return before < 0 ? [...all, section] : all.toSpliced(before, 0, section);
}

/** `### claude 2.1.332 (latest on npm)`: the tag is of its day. */
const versionOf = (section: string): string => section.split(/ \(|\n/)[0] ?? '';
const agentOf = (section: string): string => section.split(' ')[1] ?? '';

function withLines(section: string, measured: string, titles: readonly string[]): string {
  const [heading, ...lines] = measured.trim().split('\n');
  const all = new Map(
    [...section.trim().split('\n').slice(1), ...lines].map((line) => [titleOf(line), line]),
  );
  const rank = (line: string) => titles.indexOf(titleOf(line)); // the table's head: -1
  return [heading, ...[...all.values()].sort((a, b) => rank(a) - rank(b))].join('\n');
}

const titleOf = (line: string): string => line.split(' | ')[0]?.replace(/^\| /, '') ?? '';
