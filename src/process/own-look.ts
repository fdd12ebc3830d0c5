// Our own commands look through sessions, and are in their directories meanwhile: by descriptors, or as their
// working directory for a moment. That is no use: it keeps no session, and nothing is lost with one. The name
// alone proves nothing: what a program of that name has open as a file it uses. Who lies about it loses what
// is its own.
import { basename } from 'node:path';
import { O_DIRECTORY } from '../fs.js';
import { fieldOf } from './procfs.js';

/** A command of ours that looks, by its command line: node, its options, our script. */
export const isOurCommand = ([program = '', ...args]: readonly string[]): boolean =>
  /^node/.test(basename(program)) && OURS.has(basename(args.find((arg) => !arg.startsWith('-')) ?? ''));

/** The descriptor was opened as a directory's, see proc_pid_fdinfo(5). */
export const isDirectoryDescriptor = (pid: number, fd: string): boolean =>
  (Number.parseInt(fieldOf(`/proc/${pid}/fdinfo/${fd}`, 'flags') ?? '', 8) & O_DIRECTORY) !== 0;

const OURS = new Set(['qw-tmp', 'qw-tmp.cjs', 'qw-watchdog.cjs', 'qw-helper.cjs']);
