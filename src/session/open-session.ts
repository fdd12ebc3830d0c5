// Opens a session: settings, watchdog, a usable root, the directory, the handle.
// What the public `openSession` adds for a full disk is in run/open-session.ts: it needs the reaper.
import type { BackendProfile } from '../backends/profile.js';
import { profileFor } from '../backends/profiles.js';
import type { QwRunError } from '../errors.js';
import type { Lease } from '../lease/lease.js';
import { hereAs, ownOwner } from '../lease/owner.js';
import { askToOpen } from '../process/ask-mounts.js';
import { SESSION_ID } from '../root/layout.js';
import { withUsableRoot } from '../root/roots.js';
import { createSession } from './create.js';
import { handle } from './handle.js';
import type { Session } from './session.js';
import { type OpenSessionOptions, resolveSettings, type Settings } from './settings.js';
import { watched } from './watched.js';

/** Opens one; a full root for which `isWorthReaping` is told at once. */
export async function openIn(
  options: OpenSessionOptions,
  isWorthReaping: (root: string, why: QwRunError) => boolean,
): Promise<Session> {
  const settings = resolveSettings(options);
  const profile = profileFor(settings.backend, settings.command, settings);
  await askToOpen(settings.env, settings.root);
  const session = watched(settings.watchdog, (announce) =>
    withUsableRoot(
      settings.env,
      settings.root,
      (root, warnings) => {
        const { dir, lease } = createSession(root, announce, (id) => newLease(id, settings, profile));
        return handle({ root, dir, lease, settings, profile, warnings });
      },
      isWorthReaping,
    ),
  );
  try {
    await session.isolated();
    return session;
  } catch (error) {
    await session.end({ keep: false });
    throw error;
  }
}

function newLease(
  id: string,
  { label, command, cwd, survivors, spare, keep, env }: Settings,
  profile: BackendProfile,
): Lease {
  const owner = ownOwner();
  return {
    version: 1,
    id,
    ...(label === undefined ? {} : { label }),
    backend: profile.name,
    command,
    cwd,
    createdAt: new Date().toISOString(),
    bootedAt: Math.round(hereAs(owner, owner.startTime).bootAt),
    owner,
    ...(SESSION_ID.test(env['QW_SESSION'] ?? '') ? { parent: env['QW_SESSION'] as string } : {}),
    ...(keep ? { keep } : {}),
    ...(survivors === 'keep' ? { survivors } : {}),
    ...(spare.length > 0 ? { spare } : {}),
  };
}
