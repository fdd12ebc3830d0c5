// Our own commands look through sessions, and have directories of them open meanwhile, or work in them. That
// is no use: nothing is lost with a session. What a program of their name has open as a file it does use. Who
// lies about its name loses what is its own.
import { basename } from 'node:path';
import { O_DIRECTORY } from '../fs.js';
import { flagsOf } from './procfs.js';

/** A command of ours that looks, by its command line: node, its options, our script. */
export const isOurCommand = ([program = '', ...args]: readonly string[]): boolean =>
  /^node/.test(basename(program)) && OURS.has(basename(args.find((arg) => !arg.startsWith('-')) ?? ''));

/** The descriptor was opened as a directory's. */
export const isDirectoryDescriptor = (pid: number, fd: string): boolean =>
  (flagsOf(pid, fd) & O_DIRECTORY) !== 0;

const OURS = new Set(['qw-tmp', 'qw-tmp.cjs', 'qw-watchdog.cjs', 'qw-helper.cjs']);
