// Opens a session. Its whole story, a step a file: settings.ts reads the options, watchdog.ts starts what
// notices our death, create.ts makes the directory with its lease, known.ts is what all later steps know of
// it. handle.ts is what the caller holds: agent-start.ts prepares environment and arguments, adopt.ts names
// the agent. upkeep.ts is what goes on meanwhile (keep-alive, pressure, sightings, exit-hook). finish.ts ends
// it, own-receipt.ts writes what became of it. What the public `openSession` adds for a full disk needs the
// reaper: run/.
import { throwIfAborted } from '../abort.js';
import { profileFor } from '../backends/profiles.js';
import type { QwRunError } from '../errors.js';
import { askMounts, askToOpen } from '../process/ask-mounts.js';
import { withUsableRoot } from '../root/roots.js';
import { createSession, newLease, takeBack } from './create.js';
import { handle } from './handle.js';
import { knownOf, noteIsolation } from './known.js';
import type { Session } from './session.js';
import { type OpenSessionOptions, resolveSettings } from './settings.js';
import { watched } from './watchdog.js';

/** Opens one; the error for a full root is thrown at once where `isWorthReaping` says so. */
export async function openIn(
  options: OpenSessionOptions,
  isWorthReaping: (root: string, why: QwRunError) => boolean,
): Promise<Session> {
  const settings = resolveSettings(options);
  const { env, root: named, watchdog, signal, cwd } = settings;
  const profile = profileFor(settings.backend, settings.command, settings);
  await Promise.all([askToOpen(env, named), cwd && askMounts([cwd])]); // an agent has settings there
  throwIfAborted(signal);
  const known = watched(watchdog, (announce, onGone) =>
    withUsableRoot(
      env,
      named,
      (root, warnings) => {
        const { dir, lease } = createSession(root, announce, newLease(settings, profile));
        try {
          return knownOf({ root, dir, lease, settings, profile, warnings, onGone });
        } catch (error) {
          takeBack(dir); // nobody would hear of it, and its owner lives
          throw error;
        }
      },
      isWorthReaping,
    ),
  );
  const session = handle(known);
  try {
    await noteIsolation(known);
    throwIfAborted(signal);
    return session;
  } catch (error) {
    await session.end({ keep: false });
    throw error;
  }
}
