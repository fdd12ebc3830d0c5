// A wrapper starts the reaper's pass in a child: at its own start, and before it gives up on a full disk. So
// the reaper's code is not in the wrapper.
import { join } from 'node:path';
import { onAbort } from '../abort.js';
import { fs, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY, statOf } from '../fs.js';
import { parseNames } from '../options.js';
import { binsDirectory, runFinisher, startFinisher } from '../process/own-programs.js';

/** Starts the pass for `root` unless one ran lately or `QW_REAP=off`; nobody waits for it. */
export function startOwnPass(root: string, env: NodeJS.ProcessEnv): void {
  const isOff = env['QW_REAP'] === 'off' || process.platform === 'win32';
  if (isOff || binsDirectory() === undefined || !claimTurn(root)) return;
  const { QW_MAX_AGE = '', QW_SPARE = '' } = env;
  startFinisher(['pass', root, QW_MAX_AGE, QW_SPARE]);
}

export interface RoomOptions {
  env?: NodeJS.ProcessEnv | undefined;
  spare?: string | readonly string[] | undefined;
  /** Aborted: nobody waits any more, and the child goes on by itself. */
  signal?: AbortSignal | undefined;
}

/** Waits for a pass that takes all orphans of `root`, whenever the last one was. Never rejects. */
export async function makeRoom(
  root: string,
  { env = process.env, spare, signal }: RoomOptions,
): Promise<void> {
  const spared = [...parseNames(env['QW_SPARE']), ...parseNames(spare)].join();
  const args = ['room', root, env['QW_MAX_AGE'] ?? '', spared];
  await new Promise<unknown>((resolve) => {
    const undo = onAbort(signal, resolve);
    void runFinisher(args).then(resolve).finally(undo);
  });
}

/** The stamp's mtime is the last turn. Two at once may both go: the claims keep that harmless. */
function claimTurn(root: string): boolean {
  const stamp = join(root, '.reaped');
  const sinceMs = Date.now() - (statOf(stamp)?.mtimeMs ?? 0);
  if (sinceMs >= 0 && sinceMs < EVERY_MS) return false;
  try {
    // O_NONBLOCK: a FIFO of that name must not hold us up.
    const fd = fs.openSync(stamp, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    fs.fchmodSync(fd, 0o600); // the umask may have taken from it: the next one has to open it too
    fs.futimesSync(fd, Date.now() / 1000, Date.now() / 1000);
    fs.closeSync(fd);
    return true;
  } catch {
    return false; // no space, or something else of that name: never a reason for the agent not to run
  }
}

const EVERY_MS = 10 * 60_000;
