// The measured table in Markdown, and its place in a document between two markers. Pure.
import type { Expected } from './expected.js';
import { metLimits } from './judge-run.js';
import { isOneOf } from './patterns.js';
import type { Mode, Scenario } from './scenarios.js';
import type { LeftFile, Measured } from './stage/row.js';

export interface Row {
  scenario: Scenario;
  mode: Mode;
  measured: Measured;
  /** Of wrapped rows. */
  expected?: Expected | undefined;
  faults: readonly string[];
}

const HEAD = `| | | exit | left in /tmp | in TMPDIR | elsewhere | processes | expected |
|---|---|---|---|---|---|---|---|`;

/** One table, of one agent. */
export const tableOf = (rows: readonly Row[]): string =>
  [HEAD, ...rows.map((row, at) => lineOf(row, rows[at - 1]))].join('\n');

/** The scenario is named once. */
function lineOf({ scenario, mode, measured, expected, faults }: Row, before: Row | undefined): string {
  const { exit, tmp, root, elsewhere, processes } = measured;
  const cells = [
    scenario === before?.scenario ? '' : scenario.title,
    mode,
    `${exit}`,
    names(tmp),
    mode === 'alone' ? '' : names(root),
    names(elsewhere),
    counted(processes).join(', ') || 'none',
    verdict(measured, expected, faults),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The model was told. */
const told = ({ isTold }: Measured) => (isTold ? ['the model is told'] : []);

function verdict(measured: Measured, expected: Expected | undefined, faults: readonly string[]): string {
  if (faults.length > 0) return `**not as expected**: ${counted(faults.map(patternOf)).join(', ')}`;
  if (!expected) return '';
  return [...told(measured), ...metLimits(measured, expected)].join('; ') || 'clean';
}

/** Top-level names as patterns, with how many entries and, from 1 MiB on, bytes. */
function names(files: readonly LeftFile[]): string {
  const groups = grouped(files, ({ path }) => patternOf(topOf(path)));
  const told = [...groups].sort().map(([name, group]) => `\`${name}\`${size(group)}`);
  return told.join(', ') || 'nothing';
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
  'gemini-shell-*/',
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
