// The command that an agent runs after one of its own failed: it looks whether the disk is full, and only
// then says so.
import { join } from 'node:path';
import type { Sight } from '../isolate/mount-plan.js';
import { OWN_NODE, SHELL } from '../process/find-tool.js';
import { binsDirectory } from '../process/own-programs.js';
import { scriptQuote } from '../quote.js';
import { fullNote } from '../root/layout.js';
import { prepareNote } from '../space/full-note.js';

/**
 * For a shell, for the agent's hook `event`; undefined where we are bundled without our programs. Should they
 * go while the agent runs, it does nothing. Throws the system's error.
 */
export function tellCommand(event: string, { root, tmpdir, files }: Sight): string | undefined {
  const bins = binsDirectory();
  if (process.platform === 'win32' || bins === undefined) return undefined;
  prepareNote(fullNote(files.dir));
  const script = scriptQuote(join(bins, 'qw-tell.sh'));
  const seen = [tmpdir, OWN_NODE, join(bins, 'qw-watchdog.cjs'), 'tell', event, fullNote(files.seenAs), root];
  return `[ ! -r ${script} ] || exec ${SHELL} ${script} ${seen.map(scriptQuote).join(' ')}`;
}
