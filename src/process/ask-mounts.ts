// Finds out whether FUSE and network mounts answer, and never waits for one that does not. A child asks; when
// it is not back in time it is left where it hangs (even SIGKILL may not end it), and no other child is sent
// to that mount meanwhile.
import type { SpawnOptions } from 'node:child_process';
import { resolve } from 'node:path';
import { monotonicMs } from '../clock.js';
import { isServed, type Mount, readMounts } from '../root/mounts.js';
import { answerOf, firstServed, mountName, noteAnswer } from '../root/mute.js';
import { pathsAsked, pathsToOpen } from '../root/roots.js';
import { launch } from './exec.js';
import { SHELL } from './find-tool.js';

/** Asks the mounts that a new session's root may lie on, and no others: those may hang. */
export const askToOpen = (env: NodeJS.ProcessEnv, named?: string): Promise<void> =>
  askAll(() => pathsToOpen(env, named));

/** Asks the mounts that any root may lie on: awaited before the roots are looked at. */
export const askForRoots = (env: NodeJS.ProcessEnv, named?: string): Promise<void> =>
  askAll(() => pathsAsked(env, named));

/** Asks the mounts on the ways to `paths`; then `muteOn` knows their answers. */
export const askMounts = (paths: readonly string[]): Promise<void> => askAll(() => paths);

/** Each mount once, about all that lies on it. What lies behind one is known once that has answered. */
async function askAll(pathsToAsk: () => readonly string[]): Promise<void> {
  const mounts = readMounts();
  if (!mounts.some(isServed)) return; // as on most machines
  const paths = pathsToAsk().map((path) => resolve(path));
  const isDoubtful = (mount: Mount) => !isFresh(mount) || answerOf(mount)?.isThere !== true;
  for (;;) {
    const open = new Map<Mount, string[]>();
    for (const path of paths) {
      const mount = firstServed(path, mounts, isDoubtful);
      if (mount && !isFresh(mount)) open.set(mount, [...(open.get(mount) ?? []), path]);
    }
    if (open.size === 0) return;
    await Promise.all([...open].map(async ([mount, on]) => noteAnswer(mount, await ask(mount, on))));
  }
}

const isFresh = (mount: Mount): boolean =>
  monotonicMs() - (answerOf(mount)?.at ?? Number.NEGATIVE_INFINITY) < FRESH_MS;

/** Undefined: it could not be found out. */
type Answered = boolean | undefined;
/** Children that are not back, by mount. */
const away = new Map<string, Promise<Answered>>();
const pids = new Set<number>();

/** Their pids: whoever waits for programs does not wait for these. */
export const askers: ReadonlySet<number> = pids;

function ask(mount: Mount, paths: readonly string[]): Promise<Answered> {
  const name = mountName(mount);
  const child = away.get(name) ?? send(paths);
  away.set(name, child);
  return new Promise((tell) => {
    const timer = setTimeout(tell, PATIENCE_MS, false);
    void child.then((answered) => {
      clearTimeout(timer);
      away.delete(name);
      tell(answered);
    });
  });
}

/** Resolves when the child is gone. */
const send = (paths: readonly string[]): Promise<Answered> =>
  new Promise((tell) => {
    const options: SpawnOptions = { detached: true, stdio: ['ignore', 'pipe', 'ignore'] };
    const child = launch(SHELL, ['-c', LOOK, 'sh', ...paths], options, () => tell(undefined));
    if (!child) return;
    const pid = child.pid as number;
    pids.add(pid);
    child.on('exit', (_code, signal) => {
      pids.delete(pid);
      if (signal === null || signal === 'SIGPIPE') tell(true);
      else tell(child.killed ? false : undefined); // somebody else killed it
    });
    child.stdout?.destroy();
    child.unref();
    setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS).unref();
  });

/**
 * Looks at the directories and reads them, as we would. `ls -f` writes while it reads, and ends after some
 * names, since nobody listens. busybox has no `-f`.
 */
const LOOK = 'ls -f / >/dev/null 2>&1 && exec ls -f -- "$@"; exec ls -a -- "$@"';
const PATIENCE_MS = 3_000; // of a mount that is made at the first look (autofs)
const FRESH_MS = 30_000; // a server opens sessions by the dozen
