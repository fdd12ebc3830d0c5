// Sees what a command line starts in the end, through programs that only start another one: npx, node, env,
// timeout, a shell with one command; and where the file of that is. What is not plain counts as unknown: the
// command is then like any other.
import { basename } from 'node:path';
import { attempt, fs, realPath } from '../fs.js';
import { programPaths } from '../process/find-tool.js';
import { ASSIGNMENT, type Launcher, PREFIXES, RUNNERS, RUNTIMES, SHELLS } from './launchers.js';

export interface Target {
  /** Name or path of a program, path of a script, or a package as its runner knows it. */
  word: string;
  kind: 'program' | 'script' | 'package';
  /**
   * Its own arguments begin at this index of the command; undefined where none can be put (inside a shell's
   * script).
   */
  argsAt: number | undefined;
}

export interface Place {
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** What `command` starts; undefined where that cannot be told. Pure. */
export function targetOf(command: readonly string[]): Target | undefined {
  for (let at = 0; ; ) {
    const word = command[at];
    if (word === undefined) return undefined;
    const name = programName(word);
    const prefix = PREFIXES.get(name);
    if (!prefix) return started(command, at, name);
    const next = skip(command, at + 1, prefix);
    if (next === undefined) return undefined;
    at = next;
  }
}

/**
 * Its real path: PATH and links followed, as exec would. Undefined where there is none, and for packages:
 * their runner finds them.
 */
export function realPathOf({ word, kind }: Target, { env, cwd }: Place): string | undefined {
  if (word === '' || kind === 'package') return undefined;
  const file = kind === 'script' && !word.includes('/') ? `./${word}` : word;
  const isFile = (path: string) =>
    attempt(() => fs.statSync(path, { throwIfNoEntry: false }))?.isFile() === true;
  const path = programPaths(file, cwd, env).find(isFile);
  return path === undefined ? undefined : realPath(path);
}

/** A program's name without its directory and what Windows appends. */
export const programName = (word: string): string => basename(word).replace(/\.(exe|cmd|ps1)$/i, '');

function started(command: readonly string[], at: number, name: string): Target | undefined {
  const runner = RUNNERS.get(name);
  const packed = runner && packageAt(command, at, name, runner);
  if (packed) return packed;
  const runtime = RUNTIMES.get(name);
  if (runtime) return scriptAt(command, at, runtime);
  if (SHELLS.has(name)) return inShell(command, at);
  return runner ? undefined : { word: command[at] as string, kind: 'program', argsAt: at + 1 };
}

function packageAt(
  command: readonly string[],
  at: number,
  name: string,
  { words, ...launcher }: Launcher & { words?: readonly string[] },
): Target | undefined {
  const first = words ? skip(command, at + 1, launcher) : at;
  if (first === undefined || (words && !words.includes(command[first] as string))) return undefined;
  const found = skip(command, first + 1, launcher);
  if (found === undefined) return undefined;
  const target = { word: command[found] as string, kind: 'package' as const };
  // npm reads options of its own behind the package too, up to a `--`.
  if (name !== 'npm' || command[found - 1] === '--') return { ...target, argsAt: found + 1 };
  return { ...target, argsAt: command[found + 1] === '--' ? found + 2 : undefined };
}

function scriptAt(command: readonly string[], at: number, launcher: Launcher): Target | undefined {
  const first = skip(command, at + 1, launcher);
  const found = first !== undefined && command[first] === 'run' ? skip(command, first + 1, launcher) : first;
  if (found === undefined) return undefined;
  const word = command[found] as string;
  return word.startsWith('npm:')
    ? { word: word.slice(4), kind: 'package', argsAt: found + 1 }
    : { word, kind: 'script', argsAt: found + 1 };
}

/**
 * `sh -c 'exec claude -p hi'`: one command, nothing the shell does around it. Its words are never changed.
 */
function inShell(command: readonly string[], at: number): Target | undefined {
  const option = command.findIndex((word, index) => index > at && !/^--?[a-z]/.test(word)) - 1;
  if (option <= at || !/^-[a-z]*c$/.test(command[option] as string)) return undefined;
  const bare = (command[option + 1] as string).replace(/'[^']*'|"[^"$`\\]*"/g, 'x');
  if (/[;&|<>()`\n\r]/.test(bare)) return undefined;
  const words = bare.trim().split(/\s+/);
  const target = targetOf(['env', ...words.slice(words[0] === 'exec' ? 1 : 0)]);
  return target && { ...target, argsAt: undefined };
}

/** Index of the first word that is neither an option nor what belongs to one. */
function skip(command: readonly string[], from: number, launcher: Launcher): number | undefined {
  const { values = [], stops = [], operands = 0, assigns = false } = launcher;
  let at = from;
  let isOption = true;
  for (; at < command.length; at += 1) {
    const word = command[at] as string;
    if (isOption && stops.some((stop) => word === stop || word.startsWith(`${stop}=`))) return undefined;
    if (isOption && word === '--') isOption = false;
    else if (isOption && values.includes(word)) at += 1;
    else if (!(isOption && word.startsWith('-')) && !(assigns && ASSIGNMENT.test(word))) break;
  }
  return at + operands < command.length ? at + operands : undefined;
}
