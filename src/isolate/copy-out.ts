// What was in memory and is to be kept goes to disk. The agent may have put a link where its TMPDIR was: opened without following
// one, and what copies and removes works in what was opened, whatever is put in its place meanwhile.
import { basename } from 'node:path';
import { attempt, codeOf, fs, inDirectory } from '../fs.js';
import { findTool } from '../process/find-tool.js';
import { emptyThroughDescriptors } from '../remove/remove-through-descriptors.js';
import type { Failure } from '../remove/remove-tree.js';
import { runTool, type ToolResult } from '../remove/run.js';
import { tmpDir } from '../root/layout.js';

/** Which cp can do it: busybox's stays neither on one file system nor sparse where a file is. */
export const findCopier = (): string | undefined =>
  findTool(
    'cp',
    (path) => !/^(busy|toy)box/.test(basename(attempt(() => fs.realpathSync.native(path)) ?? '')),
  );

/**
 * Copies everything below `from` to the TMPDIR on disk of the session directory `dir`, nothing of what is mounted there. What cannot
 * be read is left out and told, and so is a `from` that is not there; without room nothing is left there, since a full disk is everybody's.
 */
export async function copyOut(from: string | undefined, dir: string): Promise<Failure[]> {
  const path = tmpDir(dir);
  if (from === undefined)
    return [{ path, reason: 'the process that kept it in memory was killed', hint: 'another session' }];
  const cp = findCopier();
  if (cp === undefined) return [{ path, reason: 'cp of coreutils is not there', hint: 'install coreutils' }];
  const { code, stderr } = await inTmpDir(dir, (cwd) =>
    runTool(cp, ['-a', '-x', '--', `${from}/.`, '.'], { cwd }),
  );
  if (code === 0) return [];
  const [reason = 'cp failed'] = stderr.replace(/^\S*cp: /, '').split('\n');
  const isFull = /No space left|quota exceeded/i.test(stderr);
  if (isFull) await inDirectory(dir, (base) => emptyThroughDescriptors(tmpDir(base), () => false));
  return [
    {
      path,
      reason: `${isFull ? 'it' : 'some of it'} could not be copied from memory to disk: ${reason}`,
      hint: isFull ? 'a --root with more room' : 'chmod u+r before the end',
    },
  ];
}

function inTmpDir(dir: string, work: (cwd: string) => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return inDirectory(dir, (base) => inDirectory(tmpDir(base), work));
  } catch (error) {
    return Promise.resolve({ code: undefined, stderr: `${tmpDir(dir)} cannot be opened (${codeOf(error)})` });
  }
}
