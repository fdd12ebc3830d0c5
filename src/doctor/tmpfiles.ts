// Would systemd-tmpfiles age living sessions (tmpfiles.d(5))? It leaves alone a directory below the one that
// its rule names, while somebody has a BSD lock on it, as a watchdog has on its root. On the named one it
// looks at no lock: a rule for the root, or for something in it, ages sessions all the same. We read its
// files as it does: by name, the first directory wins.
import { dirname, isAbsolute, join } from 'node:path';
import { readText } from '../backends/agent-settings.js';
import { unlessItFails } from '../errors.js';
import { attempt, fs } from '../fs.js';
import { scriptQuote, shellQuote } from '../options.js';
import { type Finding, warning } from './finding.js';

/** A line that ages something, or keeps something from it. */
interface TmpfilesRule {
  kind: 'age' | 'exclude';
  path: string;
  /** As written: `10d`. */
  age: string;
  file: string;
}

export interface TmpfilesFacts {
  /** systemd runs here, and its cleaning timer is not masked: the rules are acted on. */
  isActive: boolean;
  /** Rules that concern a directory, by that directory. */
  ageing: { dir: string; rule: TmpfilesRule }[];
}

/** In which of `dirs` (managed roots) it would age living sessions. `isLocked`: watchdogs lock them here. */
export function examineTmpfiles(dirs: readonly string[], isLocked: boolean): TmpfilesFacts {
  const rules = readRules();
  const ageing = dirs.flatMap((dir) => {
    const rule = ruleInside(dir, rules) ?? (isLocked ? undefined : ruleAbove(dir, rules));
    return rule ? [{ dir, rule }] : [];
  });
  return { isActive: isCleaning(), ageing };
}

/**
 * The rule that names `dir` or something in it, and what is there is excluded by no line. Locked or not, it
 * ages that. Pure.
 */
export function ruleInside(dir: string, rules: readonly TmpfilesRule[]): TmpfilesRule | undefined {
  const isExcluded = (path: string) =>
    rules.some((rule) => rule.kind === 'exclude' && isGlobMatch(rule.path, path));
  return rules.find(({ kind, path }) => kind === 'age' && isInside(path, dir) && !isExcluded(insideOf(path)));
}

/** What a line has to exclude, so that a rule for `path` leaves alone what is in there. */
const insideOf = (path: string): string => `${path.replace(/(?<=.)\/+$/, '')}/*`;

/** A rule's path names `dir` or something in it. */
function isInside(path: string, dir: string): boolean {
  const depth = dir.split('/').length;
  return isGlobMatch(path.split('/').slice(0, depth).join('/'), dir);
}

/**
 * The rule for a directory above `dir` that ages what is in `dir`; undefined when none does, or a line
 * excludes it. Pure.
 */
export function ruleAbove(dir: string, rules: readonly TmpfilesRule[]): TmpfilesRule | undefined {
  const parents = above(dir);
  const matching = rules.filter(({ path }) => parents.some((parent) => isGlobMatch(path, parent)));
  if (matching.some(({ kind }) => kind === 'exclude')) return undefined;
  return matching.sort((a, b) => b.path.length - a.path.length)[0];
}

/** The rules of one file's text. Pure. */
export function parseTmpfiles(text: string, file: string): TmpfilesRule[] {
  return text.split('\n').flatMap((line): TmpfilesRule[] => {
    const [type = '', named = '', , , , age = '-'] = fieldsOf(line);
    const path = named.replaceAll('%%', '%');
    if (type === '' || type.startsWith('#') || !isAbsolute(path)) return [];
    const [letter = ''] = type;
    if (letter === 'x') return [{ kind: 'exclude', path, age: '-', file }];
    return AGEING.includes(letter) && age !== '-' ? [{ kind: 'age', path, age, file }] : [];
  });
}

/** A field with spaces in it is in quotes. */
const fieldsOf = (line: string): string[] =>
  [...line.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(
    ([, quoted, plain = '']) => quoted?.replace(/\\(.)/g, '$1') ?? plain,
  );

/** A path as such a field, with `%` doubled: one alone begins a specifier. */
function fieldOf(path: string): string {
  const text = path.replaceAll('%', '%%');
  return /[\s"'\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

/** Pure. */
export function* tmpfilesFindings({ isActive, ageing }: TmpfilesFacts): Iterable<Finding> {
  const [first] = ageing;
  if (!isActive || !first) return;
  const { dir, rule } = first;
  yield warning('tmpfiles', dir, {
    text:
      `systemd-tmpfiles removes what is older than ${rule.age} there, living sessions included: ` +
      `${rule.path} in ${rule.file}`,
    command: exclude(ageing),
  });
}

/**
 * Lines that keep systemd-tmpfiles away, also from the sessions of other users: from the roots, or from what
 * a rule of theirs names.
 */
function exclude(ageing: TmpfilesFacts['ageing']): string {
  const lines = ageing.map(({ dir, rule }) => {
    const path = isInside(rule.path, dir) ? insideOf(rule.path) : dir.replace(/\/qw-\d+$/, '/qw-*');
    return `x ${fieldOf(path).replace(/[%\\]/g, '$&$&')}\\n`; // printf reads both once more
  });
  const print = `printf ${scriptQuote([...new Set(lines)].join(''))} > /etc/tmpfiles.d/qw-run.conf`;
  return `sudo sh -c ${shellQuote(print)}`;
}

function readRules(): TmpfilesRule[] {
  const files = new Map<string, string>();
  for (const dir of DIRECTORIES)
    for (const name of attempt(() => fs.readdirSync(dir)) ?? [])
      if (name.endsWith('.conf') && !files.has(name)) files.set(name, join(dir, name));
  // None of a link to /dev/null, which masks the files of that name.
  const textOf = (file: string) => unlessItFails(() => readText(file, MAX_BYTES)) ?? '';
  return [...files.values()].flatMap((file) => parseTmpfiles(textOf(file), file));
}

/** sd_booted(3), and nobody linked the timer to /dev/null. */
function isCleaning(): boolean {
  if (!fs.existsSync('/run/systemd/system')) return false;
  const mask = attempt(() => fs.readlinkSync(`/etc/systemd/system/${TIMER}`));
  return mask !== '/dev/null';
}

/** `dir` and all above it. */
const above = (dir: string): string[] => (dir === dirname(dir) ? [dir] : [dir, ...above(dirname(dir))]);

/** As glob(7) has it: a star stops at a slash. What cannot be understood matches nothing. */
function isGlobMatch(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/(?<=.)\/+$/, '')
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('[!', '[^')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  try {
    return new RegExp(`^${source}$`).test(path);
  } catch {
    return false; // a bracket that is never closed
  }
}

/** Earlier ones win over files of the same name in later ones. */
const DIRECTORIES = ['/etc', '/run', '/usr/local/lib', '/usr/lib'].map((dir) => `${dir}/tmpfiles.d`);
/** Types whose contents are aged. */
const AGEING = 'DdevqQC';
const TIMER = 'systemd-tmpfiles-clean.timer';
const MAX_BYTES = 256 * 1024;
