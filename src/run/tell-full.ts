// What an agent's hook tells model and user after a command failed: that the disk is full, where, what is
// largest, the way out. Proven by a write of our own; where there is room, it says nothing.
import { dirname } from 'node:path';
import { fs, quietly } from '../fs.js';
import { quote } from '../quote.js';
import { type LargeEntry, largeEntries, volumeOf, wayOut } from '../reap/culprits.js';
import { formatBytes } from '../space/format-bytes.js';
import { noteFull } from '../space/full-note.js';
import { headroomOf } from '../space/headroom.js';
import { fullNow } from '../space/probe.js';
import { type Largest, largest } from '../tree/largest.js';
import { entryText, NO_INODES, whyFull } from './no-space.js';

/** `note` is where the session's owner reads it; `rest` the name of the hook, managed root and TMPDIR. */
export async function tellFull(event: string, [note = '', root = '', tmpdir = '']: string[]): Promise<void> {
  const code = fullNow(tmpdir);
  if (code === undefined) return;
  noteFull(note, code);
  const isInMemory = deviceOf(tmpdir) !== deviceOf(root);
  const place = volumeOf(isInMemory ? tmpdir : root);
  const why = `on ${place.name} ${whyFull(code, place.quota, headroomOf(tmpdir))}`;
  const own = await largest(tmpdir);
  const others = isInMemory ? [] : await largeEntries([place.dir], { roots: [root], scarce: scarceBy(why) });
  process.stdout.write(JSON.stringify(hookOutput(event, { why, tmpdir, own, others })));
}

const scarceBy = (why: string) => (why.endsWith(NO_INODES) ? 'entries' : 'bytes');
const deviceOf = (path: string) =>
  quietly(() => fs.statSync(path))?.dev ?? quietly(() => fs.statSync(dirname(path)))?.dev;

interface Told {
  /** What is used up, and where. */
  why: string;
  tmpdir: string;
  /** In TMPDIR. */
  own: readonly Largest[];
  /** Of this user beside it. */
  others: readonly LargeEntry[];
}

/** Pure. */
function hookOutput(event: string, { why, tmpdir, own, others }: Told) {
  const inTmpdir = own.map(({ path, bytes }) => `${quote(path)} ${formatBytes(bytes)}`).join(', ');
  const beside = others.map(entryText).join(', ');
  const [worst] = others;
  const command = worst ? wayOut(worst, process.env) : 'qw-tmp list';
  const user =
    `qw-run: the disk is full: ${why}: commands fail, whatever they say. ` +
    `${beside ? `Largest of yours: ${beside}. ` : ''}Try: ${command}, or qw-run --root DIR elsewhere.`;
  const model =
    `The disk is full: ${why}. Proven by a write just now. That command may have failed for this reason ` +
    'alone, also where all it says is "Exit code 1", and others will. TMPDIR is ' +
    `${quote(tmpdir)}${inTmpdir ? `; largest in it: ${inTmpdir}` : ''}` +
    `${beside ? `; largest of this user there: ${beside}` : ''}. ` +
    'Remove what you made in TMPDIR and do not need any more, then run the command again. Delete nothing ' +
    `that is not yours: if that is not enough, tell the user: ${command}, or the next start with qw-run ` +
    '--root DIR on another file system (CLAUDE_CODE_TMPDIR has no effect here).';
  return { systemMessage: user, hookSpecificOutput: { hookEventName: event, additionalContext: model } };
}
