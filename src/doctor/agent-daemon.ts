// An agent's daemon that runs for all terminals of this user, outside of any session: what goes to the
// background has its environment. As the hook of a beginning has it (session/stray-command.ts).
import type { BackendProfile } from '../backends/profile.js';
import { spareMatcher } from '../backends/spared.js';
import { attempt, fs, readProc } from '../fs.js';
import { listPids } from '../process/list-pids.js';
import { readArgs, readEnviron } from '../process/procfs.js';
import { variablesIn } from '../process/variables.js';
import { ownUid } from '../root/trusted.js';

export interface AgentDaemon {
  pid: number;
  /** Null where it has none. */
  tmpdir: string | null;
}

/** Of this user: its daemon, and what that has started for sessions. */
export function hostsOf({ shared }: BackendProfile): (AgentDaemon & { isInSession: boolean })[] {
  if (!shared.some(({ kind }) => kind === 'host')) return [];
  const kindOf = spareMatcher({ names: [], shared, ownPlaces: [] });
  return (attempt(listPids) ?? []).flatMap((pid) => {
    if (attempt(() => fs.statSync(`/proc/${pid}`))?.uid !== ownUid()) return [];
    const comm = (readProc(`/proc/${pid}/comm`) ?? '').trim();
    if (kindOf({ comm, args: readArgs(pid) }) !== 'host') return [];
    const { tmpdir = null, sessionId } = variablesIn(readEnviron(pid)) ?? {};
    return [{ pid, tmpdir, isInSession: Boolean(sessionId) }];
  });
}

/**
 * Null where none runs, or what runs there is in sessions: a wrapped terminal's, or our launcher's. A daemon
 * that our launcher has started, and that serves nobody yet, looks like any other. Pure.
 */
export function outsideDaemon(hosts: ReturnType<typeof hostsOf>): AgentDaemon | null {
  const [first] = hosts;
  if (!first || hosts.some(({ isInSession }) => isInSession)) return null;
  return { pid: first.pid, tmpdir: first.tmpdir };
}
