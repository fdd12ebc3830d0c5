// What was in memory and is to be kept goes to disk. The agent may have put a link where its TMPDIR was:
// opened without following one, and what copies and removes works in what was opened, whatever is put in its
// place meanwhile. What is copied is held open too: it lasts to the end of the copy, should somebody kill the
// process that keeps it.
import { basename } from 'node:path';
import { attempt, codeOf, fs, inDirectory, O_DIRECTORY, O_PATH, openBelow, realPath } from '../fs.js';
import { findTool, type Program } from '../process/find-tool.js';
import { FIRST_INHERITED, runTool, type ToolResult } from '../process/run-tool.js';
import type { Failure } from '../remove/failure.js';
import { removeFrom } from '../remove/remove-from.js';
import { tmpDir } from '../root/layout.js';

export const findCopier = (): Program | undefined => findTool('cp', canCopy);

/** Busybox's cp stays neither on one file system nor sparse where a file is. */
export const canCopy = (path: string): boolean => !/^(busy|toy)box/.test(basename(realPath(path) ?? ''));

/**
 * Copies everything below `from` to the TMPDIR on disk of the session directory `dir`, nothing of what is
 * mounted there. What cannot be read is left out and reported, and so is a missing `from`; without room
 * nothing is left there, since a full disk is everybody's.
 */
export async function copyOut(from: string | undefined, dir: string): Promise<Failure[]> {
  const path = tmpDir(dir);
  if (from === undefined)
    return [{ path, reason: 'the process that kept it in memory was killed', hint: 'another session' }];
  const cp = findCopier();
  if (cp === undefined) return [{ path, reason: 'cp of coreutils is not there', hint: 'install coreutils' }];
  const { code, stderr } = await copy(cp, from, dir);
  if (code === 0) return [];
  const [reason = 'cp failed'] = stderr
    .replace(/^\S*cp: /, '')
    .replaceAll(`${SOURCE}./`, `${path}/`)
    .split('\n');
  const isFull = /No space left|quota exceeded/i.test(stderr);
  if (isFull) await takeCopyBack(dir);
  return [
    {
      path,
      reason: `${isFull ? 'it' : 'some of it'} could not be copied from memory to disk: ${reason}`,
      hint: isFull ? 'a --root with more room' : 'chmod u+r before the end',
    },
  ];
}

async function copy(cp: Program, from: string, dir: string): Promise<Pick<ToolResult, 'code' | 'stderr'>> {
  let fd: number | undefined;
  try {
    const source = fs.openSync(from, O_PATH | O_DIRECTORY);
    fd = source;
    const run = (cwd: string) =>
      runTool(cp, [...COPY, '--', `${SOURCE}.`, '.'], { cwd, inherited: [source] });
    return await inDirectory(dir, (base) => inDirectory(tmpDir(base), run));
  } catch (error) {
    const what = fd === undefined ? 'cannot open what is in memory' : `${tmpDir(dir)} cannot be opened`;
    return { code: undefined, stderr: `${what} (${codeOf(error)})` };
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

async function takeCopyBack(dir: string): Promise<void> {
  const open = attempt(() => openBelow(dir, tmpDir(dir)));
  if (!open) return;
  await removeFrom(open, tmpDir(dir), attempt(() => fs.readdirSync(open.base)) ?? []);
  open.close();
}

/** Nothing of what is mounted there. What a copy left that was killed is replaced, links too. */
const COPY = ['-a', '-x', '--remove-destination'];
/** The directory to be copied, as cp has it. */
const SOURCE = `/proc/self/fd/${FIRST_INHERITED}/`;
