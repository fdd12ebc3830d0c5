// What was in memory and is to be kept goes to disk. The agent may have put a link where its TMPDIR was: opened without following
// one, and `cp` and `find` work in what was opened, whatever is put in its place meanwhile.
import { codeOf, inDirectory } from '../fs.js';
import type { Failure } from '../remove/remove-tree.js';
import { runTool, type ToolResult } from '../remove/run.js';
import { tmpDir } from '../root/layout.js';

/**
 * Copies everything below `from` to the TMPDIR on disk of the session directory `dir`, nothing of what is mounted there. What cannot
 * be read is left out and told, and so is a `from` that is not there; without room nothing is left there, since a full disk is everybody's.
 */
export async function copyOut(from: string | undefined, dir: string): Promise<Failure[]> {
  const path = tmpDir(dir);
  if (from === undefined)
    return [{ path, reason: 'the process that kept it in memory was killed', hint: 'another session' }];
  const { code, stderr } = await inTmpDir(dir, 'cp', ['-a', '-x', '--', `${from}/.`, '.']);
  if (code === 0) return [];
  const [reason = 'cp failed'] = stderr.replace(/^cp: /, '').split('\n');
  const isFull = /No space left|quota exceeded/i.test(stderr);
  if (isFull) await inTmpDir(dir, 'find', ['.', '-xdev', '-mindepth', '1', '-delete']);
  return [
    {
      path,
      reason: `${isFull ? 'it' : 'some of it'} could not be copied from memory to disk: ${reason}`,
      hint: isFull ? 'a --root with more room' : 'chmod u+r before the end',
    },
  ];
}

function inTmpDir(dir: string, file: string, args: string[]): Promise<ToolResult> {
  try {
    return inDirectory(dir, (base) => inDirectory(tmpDir(base), (cwd) => runTool(file, args, cwd)));
  } catch (error) {
    return Promise.resolve({ code: undefined, stderr: `${tmpDir(dir)} cannot be opened (${codeOf(error)})` });
  }
}
