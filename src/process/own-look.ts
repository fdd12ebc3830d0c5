// Our own commands look through sessions, and have directories open meanwhile. That is no use: it keeps no
// session, and nothing is lost with one. The name alone proves nothing, so only directories count: what a
// program of that name has open as a file it uses. Who lies about it loses what is its own.
import { basename } from 'node:path';
import { O_DIRECTORY, readProc } from '../fs.js';

/** A command of ours that looks, by its command line. */
export const isOurCommand = (args: readonly string[]): boolean =>
  OURS.has(basename(args.slice(1).find((arg) => !arg.startsWith('-')) ?? ''));

/** The descriptor was opened as a directory's, see proc_pid_fdinfo(5). */
export function isDirectoryDescriptor(pid: number, fd: string): boolean {
  const [, flags = ''] = /^flags:\s+([0-7]+)$/m.exec(readProc(`/proc/${pid}/fdinfo/${fd}`) ?? '') ?? [];
  return (Number.parseInt(flags, 8) & O_DIRECTORY) !== 0;
}

const OURS = new Set(['qw-tmp', 'qw-tmp.cjs', 'qw-watchdog.cjs', 'qw-helper.cjs']);
