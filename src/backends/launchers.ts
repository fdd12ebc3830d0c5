// Programs that do nothing but start another one, and how their command lines are read. Data.

/**
 * How the words between a program and what it starts are read. A word with a dash is an option of one word
 * unless listed.
 */
export interface Launcher {
  /** Options whose value is the next word. */
  values?: readonly string[];
  /** Options with which it starts nothing, or nothing that can be told from here. */
  stops?: readonly string[];
  /** Words of its own after the options. */
  operands?: number;
  /** `NAME=value` words may come before the command. */
  assigns?: boolean;
}

/** Followed by a program and its arguments. */
export const PREFIXES: ReadonlyMap<string, Launcher> = new Map<string, Launcher>([
  [
    'env',
    { values: ['-u', '--unset', '-C', '--chdir'], stops: ['-S', '--split-string', '-0'], assigns: true },
  ],
  ['nice', { values: ['-n', '--adjustment'] }],
  ['ionice', { values: ['-c', '--class', '-n', '--classdata'], stops: ['-p', '-P', '-u'] }],
  ['chrt', { stops: ['-p', '--pid', '-m', '--max'], operands: 1 }],
  ['taskset', { stops: ['-p', '--pid'], operands: 1 }],
  ['stdbuf', { values: ['-i', '--input', '-o', '--output', '-e', '--error'] }],
  ['timeout', { values: ['-k', '--kill-after', '-s', '--signal'], operands: 1 }],
  ['time', { values: ['-f', '--format', '-o', '--output'] }],
  ['caffeinate', { values: ['-t', '-w'] }],
  ['nohup', {}],
  ['setsid', {}],
]);

const node: Launcher = {
  values: ['-r', '--require', '--import', '--loader', '--experimental-loader', '-C', '--conditions'],
  stops: ['-e', '--eval', '-p', '--print', '-pe', '-c', '--check', '-i', '--test', '--run', '-'],
};

/** Followed by a script and its arguments. */
export const RUNTIMES: ReadonlyMap<string, Launcher> = new Map<string, Launcher>([
  ['node', node],
  ['nodejs', node],
  ['bun', { values: ['-r', '--preload', '--cwd'], stops: ['-e', '--eval', '-p', '--print'] }],
  ['deno', { stops: ['-'] }],
]);

type Runner = Launcher & { words?: readonly string[] };

const npm: Launcher = {
  values: ['-p', '--package', '-w', '--workspace', '--prefix'],
  stops: ['-c', '--call'],
};
const pnpm: Launcher = {
  values: ['--package', '-C', '--dir', '-F', '--filter'],
  stops: ['-c', '--shell-mode'],
};

/** Followed by a package or one of its programs, and its arguments. `words`: what has to come first. */
export const RUNNERS: ReadonlyMap<string, Runner> = new Map<string, Runner>([
  ['npx', npm],
  ['npm', { words: ['exec', 'x'], ...npm }],
  ['pnpx', { values: ['-p', '--package'], stops: ['-c', '--shell-mode'] }],
  ['pnpm', { words: ['dlx', 'exec'], ...pnpm }],
  ['yarn', { words: ['dlx', 'exec'], values: ['-p', '--package', '--cwd'] }],
  ['bunx', { values: ['-p', '--package'] }],
  ['bun', { words: ['x'], values: ['-p', '--package'] }],
]);

/** Followed by `-c` and a script. */
export const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ksh', 'zsh']);

/** `NAME=value`. */
export const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;
