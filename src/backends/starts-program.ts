// Recognises an agent in a command line: by its name, through node, or through npx and its like.
import { basename } from 'node:path';

/** `command` starts one of `names`, or a script whose path shows `pack` (a package's folder or name). */
export function startsProgram(command: readonly string[], names: readonly string[], pack: RegExp): boolean {
  const [program = '', ...rest] = command;
  const name = basename(program).replace(/\.(exe|cmd|ps1)$/i, '');
  if (names.includes(name) || pack.test(program)) return true;
  if (!LAUNCHERS.has(name)) return false;
  const target = rest.find((arg) => !arg.startsWith('-') && !SUBCOMMANDS.has(arg)) ?? '';
  return names.includes(basename(target)) || pack.test(target);
}

const LAUNCHERS = new Set(['node', 'bun', 'deno', 'npx', 'bunx', 'npm', 'pnpm', 'pnpx', 'yarn']);
const SUBCOMMANDS = new Set(['exec', 'x', 'dlx', 'run']);
