// Lock files left behind: their owner was killed, and its watchdog too. Nothing depends on them.
import { attempt, statOf } from '../fs.js';
import { namesIn } from '../names.js';
import { MIN_MAX_AGE_MS } from '../options.js';
import { lifeOf, ownRealm } from '../process/identity.js';
import { lockStates, removeLock } from '../process/lock.js';
import { LOCK_NAME, lockFile } from '../root/layout.js';

/** Removes those under `roots` that nobody holds and whose owner is dead, or unknowable and they are old. */
export async function removeLeftLocks(roots: readonly string[], maxAgeMs: number): Promise<void> {
  const left = roots.flatMap((root) => {
    const names = attempt(() => namesIn(root, (name) => isLeft(name, lockFile(root, name), maxAgeMs)));
    return (names ?? []).map((name) => lockFile(root, name));
  });
  if (left.length === 0) return;
  const states = await lockStates(left);
  for (const file of left) if (states.get(file) === 'free') removeLock(file);
}

function isLeft(name: string, file: string, maxAgeMs: number): boolean {
  const [, pid, startTime, namespace] = LOCK_NAME.exec(name) ?? [];
  if (pid === undefined) return false;
  const ageMs = Date.now() - (statOf(file)?.mtimeMs ?? Date.now());
  if (ageMs >= Math.max(maxAgeMs, MIN_MAX_AGE_MS)) return true;
  const isOurs = namespace === ownRealm().pidNamespace && ageMs >= JUST_MADE_MS;
  return isOurs && lifeOf({ pid: Number(pid), startTime: Number(startTime) }) === 'dead';
}

/** A living owner in another time namespace looks dead. By then its watchdog has locked the file it made. */
const JUST_MADE_MS = 60_000;
