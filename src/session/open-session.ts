// Opens a session. Its whole story, a step a file: settings.ts reads the options, watchdog.ts starts what
// notices our death, create.ts makes the directory with its lease. handle.ts is what the caller holds,
// known.ts what all steps know. agent-start.ts prepares environment and arguments, adopt.ts names the agent.
// upkeep.ts is what goes on meanwhile (keep-alive, pressure, sightings, exit-hook). finish.ts ends it,
// own-receipt.ts writes what became of it. What the public `openSession` adds for a full disk needs the
// reaper: run/.
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
import { watched } from './watchdog.js';

/** Opens one; the error for a full root is thrown at once where `isWorthReaping` says so. */
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

/** The lease of a session that begins now. */
export function newLease(
  id: string,
  { label, command, cwd, survivors, spare, keep, env }: Settings,
  profile: BackendProfile,
  owner = ownOwner(),
): Lease {
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
