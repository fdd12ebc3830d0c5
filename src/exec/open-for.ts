// Opens a session for a process that is about to become its agent, and is no child of ours: the lease names
// it as owner and as agent, and what watches it starts at once.

import type { BackendProfile } from '../backends/profile.js';
import { profileFor } from '../backends/profiles.js';
import { QwRunError } from '../errors.js';
import { type Isolated, isolated } from '../isolate/isolate.js';
import type { Lease } from '../lease/lease.js';
import { writeLease } from '../lease/lease-file.js';
import { ownOwner } from '../lease/owner.js';
import { askToOpen } from '../process/ask-mounts.js';
import type { ProcessIdentity } from '../process/identity.js';
import { makeLock } from '../process/lock.js';
import { makeRoom } from '../reap/start-pass.js';
import { lockFile, lockName, tmpDir } from '../root/layout.js';
import { isInsideSession, withUsableRoot } from '../root/roots.js';
import { noSpace } from '../run/no-space.js';
import { type AgentStart, agentStart } from '../session/agent-start.js';
import { createSession, takeBack } from '../session/create.js';
import { newLease } from '../session/open-session.js';
import { type OpenSessionOptions, resolveSettings, type Settings } from '../session/settings.js';
import { follow } from './follow.js';

export interface OpenedFor {
  lease: Lease;
  root: string;
  dir: string;
  tmpdir: string;
  profile: BackendProfile;
  settings: Settings;
  start: AgentStart;
  inside: Isolated | undefined;
}

/** Opens one for `agent`. @throws QwRunError as `openSession` */
export async function openFor(agent: ProcessIdentity, options: OpenSessionOptions): Promise<OpenedFor> {
  // Its arguments stay as they are: no hook is added to them.
  const settings = resolveSettings({ ...options, tell: false });
  const { env, isolation } = settings;
  const profile = profileFor(settings.backend, settings.command, settings);
  await askToOpen(env, settings.root);
  const owner = { ...ownOwner(), ...agent };
  const open = () =>
    withUsableRoot(env, settings.root, (root, warnings) => {
      const name = lockName(owner);
      const announce = () =>
        settings.watchdog && !isInsideSession(root) && makeLock(lockFile(root, name)) ? name : undefined;
      const leaseFor = (id: string) => ({ ...newLease(id, settings, profile, owner), agent });
      return { root, warnings, ...createSession(root, announce, leaseFor) };
    });
  const { root, dir, lease, warnings } = await withRoom(open, options);
  try {
    const inside = isolation && isolated({ ...settings, isolation, root, dir });
    await inside?.ready;
    if (inside) writeLease(dir, { ...lease, isolate: isolationOf(inside) });
    const { id } = lease;
    const tmpdir = tmpDir(dir);
    const seen = { root: inside?.root ?? root, tmpdir: inside?.tmpdir ?? tmpdir };
    const keep = inside ? inside.marker : { dir, seenAs: dir };
    const start = agentStart({ id, ...seen, keep, profile, settings, known: warnings });
    return { lease, root, dir, tmpdir: seen.tmpdir, profile, settings, start, inside };
  } catch (error) {
    takeBack(dir);
    throw error;
  }
}

/** From now on somebody ends the session when its agent is dead. */
export function watch({ lease, dir, settings, start, inside }: OpenedFor): void {
  if (settings.watchdog) follow({ lease, dir, settings, warnings: start.warnings, pipe: inside?.pipe() });
}

function isolationOf(inside: Isolated): NonNullable<Lease['isolate']> {
  const { pid = 0, startTime = 0 } = inside.keeper() ?? {};
  const size = inside.sizeBytes === undefined ? {} : { sizeBytes: inside.sizeBytes };
  return { mode: inside.mode, ...size, holder: pid, holderStartTime: startTime };
}

/** A full disk is reaped once. */
async function withRoom<T>(open: () => T, options: OpenSessionOptions): Promise<T> {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof QwRunError) || error.code !== 'ERR_QW_NO_SPACE') throw error;
    const { env = process.env } = options;
    const root = error.path;
    if (root !== undefined && env['QW_REAP'] !== 'off') await makeRoom(root, options);
    try {
      return open();
    } catch (again) {
      if (!(again instanceof QwRunError) || again.code !== 'ERR_QW_NO_SPACE') throw again;
      throw await noSpace(new Map([[again.path ?? '', again]]), env);
    }
  }
}
