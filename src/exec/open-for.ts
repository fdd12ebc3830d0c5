// Opens a session for a process that is about to become its agent, and is no child of ours: the lease names
// it as owner and as agent, and what watches it starts at once.
import { profileFor } from '../backends/profiles.js';
import { writeLease } from '../lease/lease-file.js';
import { ownOwner } from '../lease/owner.js';
import { askToOpen } from '../process/ask-mounts.js';
import type { ProcessIdentity } from '../process/identity.js';
import { makeRoom } from '../reap/start-pass.js';
import { lockName } from '../root/layout.js';
import { withUsableRoot } from '../root/roots.js';
import { type IsWorthReaping, withRoom } from '../run/with-room.js';
import { createSession, newLease, takeBack } from '../session/create.js';
import { type Known, knownOf, noteIsolation } from '../session/known.js';
import { type OpenSessionOptions, resolveSettings } from '../session/settings.js';
import { makeLockIn } from '../session/watchdog.js';

/** Opens one for `agent`. @throws QwRunError as `openSession` */
export async function openFor(agent: ProcessIdentity, options: OpenSessionOptions): Promise<Known> {
  // Its arguments stay as they are: no hook is added to them.
  const settings = resolveSettings({ ...options, tell: false });
  const { env } = settings;
  const profile = profileFor(settings.backend, settings.command, settings);
  await askToOpen(env, settings.root);
  const owner = { ...ownOwner(), ...agent };
  const lock = lockName(owner);
  const use = (root: string, warnings: string[]) => {
    const announce = () => (settings.watchdog && makeLockIn(root, lock) ? lock : undefined);
    const begun = { ...newLease(settings, profile, owner), agent };
    return { root, warnings, ...createSession(root, announce, begun) };
  };
  const open = (isWorthReaping: IsWorthReaping) => withUsableRoot(env, settings.root, use, isWorthReaping);
  const made = await withRoom(options, open, makeRoom);
  const { dir } = made;
  try {
    const known = knownOf({ ...made, settings, profile, onGone: () => {} });
    await noteIsolation(known);
    // Who ends it knows of its namespace by the lease alone.
    if (known.inside) writeLease(dir, known.lease.now());
    return known;
  } catch (error) {
    takeBack(dir);
    throw error;
  }
}
