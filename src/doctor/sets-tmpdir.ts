// Finds where a start file sets TMPDIR. Pure: it reads what is written there and runs nothing, so it sees
// plain lines only, and takes no line that keeps the TMPDIR there is.

/** `variables`: `NAME=value` a line, as PAM and systemd read it. */
export type Syntax = 'sh' | 'fish' | 'variables';

export interface Setting {
  /** Counted from 1. */
  line: number;
  value: string;
}

/** The last place that sets it: that one counts. */
export function tmpdirSetIn(text: string, syntax: Syntax): Setting | undefined {
  let found: Setting | undefined;
  let isGuarded = false;
  for (const [at, line] of text.split('\n').slice(0, MOST_LINES).entries()) {
    if (line.length > LONGEST_LINE) continue;
    if (BEGINS_GUARD.test(line)) isGuarded = true;
    const value = isGuarded || GUARD.test(line) ? undefined : valueIn(line, syntax);
    if (value !== undefined && !OWN.test(value)) found = { line: at + 1, value };
    if (ENDS_GUARD.test(line)) isGuarded = false;
  }
  return found;
}

function valueIn(line: string, syntax: Syntax): string | undefined {
  if (syntax === 'variables') return unquoted(PAIR.exec(line)?.[1]);
  for (const words of commands(line)) {
    const value = syntax === 'fish' && words[0] === 'set' ? setInFish(words) : setInShell(words);
    if (value !== undefined) return unquoted(value);
  }
  return undefined;
}

/** `export TMPDIR=…`, or `TMPDIR=…` alone: before a command it is that command's. */
function setInShell(words: readonly string[]): string | undefined {
  const isDeclared = DECLARES.has(words[0] ?? '');
  const pairs = isDeclared ? words.slice(1) : words;
  if (!isDeclared && !words.every((word) => ASSIGNMENT.test(word))) return undefined;
  return pairs.findLast((word) => word.startsWith('TMPDIR='))?.slice('TMPDIR='.length);
}

/** `set -gx TMPDIR /t`. */
function setInFish(words: readonly string[]): string | undefined {
  const at = words.indexOf('TMPDIR');
  const options = words.slice(1, at);
  const isErased = options.some((word) => /^(--erase|-\w*e)/.test(word));
  return at > 0 && !isErased && options.every((word) => word.startsWith('-')) ? words[at + 1] : undefined;
}

/** The simple commands of a line, as words with their quotes; what follows a `#` is a comment. */
function commands(line: string): string[][] {
  const found: string[][] = [[]];
  for (const [word] of line.matchAll(WORD)) {
    if (word.startsWith('#')) break;
    if (BREAKS.test(word)) found.push([]);
    else found.at(-1)?.push(word);
  }
  return found;
}

const unquoted = (value: string | undefined): string | undefined =>
  value?.replace(/["']/g, '').trim() || undefined;

const WORD = /(?:[^\s;&|(){}"'\\$]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|\$\{[^}]*\}|\$\([^)]*\)|\$)+|[;&|(){}]/g;
const BREAKS = /^(?:[;&|(){}]|then|do|else|begin|and|or|if|while)$/;
const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;
const PAIR = /^\s*(?:export\s+)?TMPDIR(?:\s+(?:DEFAULT|OVERRIDE))?=(.*)$/;
const DECLARES = new Set(['export', 'declare', 'typeset']);
/** Only where there is none yet: a session has one. */
const GUARD = /-z\s+"?\$\{?TMPDIR|!\s+-v\s+TMPDIR|set\s+-q\s+TMPDIR;?\s+or/;
const BEGINS_GUARD = /\bif\b.*(?:-z\s+"?\$\{?TMPDIR|!\s+-v\s+TMPDIR|not\s+set\s+-q\s+TMPDIR)/;
const ENDS_GUARD = /(?:^|[\s;])(?:fi|else|elif|end)\b/;
/** What it was before, or what that was where there was one. */
const OWN = /\$\{?TMPDIR\b/;
const MOST_LINES = 20_000;
const LONGEST_LINE = 4_096;
