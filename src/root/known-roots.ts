// Every directory that is searched for sessions, or would be: those of the environment, and the registry.
import { orRefusal, QwRunError } from '../errors.js';
import { considerRoot } from './guard.js';
import type { RootSource } from './locate.js';
import { type Mount, readMounts } from './mounts.js';
import { muteOn, unseen } from './mute.js';
import { registeredRoots } from './registry.js';
import { candidateRoots } from './roots.js';

export interface KnownRoot {
  path: string;
  /** `noted`: for no other reason than that it was used once. */
  source: RootSource | 'noted';
  isNoted: boolean;
  /** `missing`: not there, or empty. `refused`: not ours, or not safe. `unseen`: on a mount that is mute. */
  state: 'root' | 'missing' | 'refused' | 'unseen';
  /** Why it is not searched. */
  reason: string | null;
}

/** In the order in which qw-run would try them, then those that were used once. */
export function knownRoots(env: NodeJS.ProcessEnv): KnownRoot[] {
  const mounts = readMounts();
  const noted = registeredRoots(env);
  const candidates = candidateRoots(env, undefined);
  const known = new Map<string, KnownRoot>();
  const asNoted = noted.map((path) => ({ path, source: 'noted' as const }));
  for (const { path, source } of [...candidates, ...asNoted]) {
    const found = look(path, mounts);
    const isNoted = noted.includes(found.path);
    if (!known.has(found.path)) known.set(found.path, { ...found, source, isNoted });
  }
  return [...known.values()];
}

function look(wanted: string, mounts: readonly Mount[]): Pick<KnownRoot, 'path' | 'state' | 'reason'> {
  const mute = muteOn(wanted, mounts);
  if (mute) return { path: wanted, state: 'unseen', reason: unseen(wanted, mute).reason };
  const found = orRefusal(() => considerRoot(wanted, mounts));
  if (!(found instanceof QwRunError))
    return { path: found.path, state: found.state === 'root' ? 'root' : 'missing', reason: null };
  const isGone = found.code === 'ERR_QW_ROOT_UNUSABLE'; // its parent is
  return { path: wanted, state: isGone ? 'missing' : 'refused', reason: found.message };
}
