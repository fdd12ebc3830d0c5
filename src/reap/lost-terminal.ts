// node-pty leaves the masters of its terminals open in whatever its server starts later. When that server is
// killed, the kernel hangs up only the terminals that nobody else has open. An agent whose terminal leaked
// would live on, though nobody can type into it any more.

import type { Candidate } from '../judge/candidates.js';
import { isAlive, readStat } from '../process/identity.js';
import { ignoresSignal } from '../process/ignored-signals.js';
import { isOurCommand } from '../process/own-look.js';
import type { ProcessStat } from '../process/process-stat.js';
import { readArgs } from '../process/procfs.js';
import { type TerminalMasters, terminalMasters, terminalNumber } from '../process/terminal-masters.js';

/** The sessions of one dead owner whose agent lives on a leaked terminal. */
export async function withoutTerminal(found: readonly Candidate[]): Promise<ReadonlySet<Candidate>> {
  const onTerminals = found.flatMap((candidate) => {
    const agent = provenAgent(candidate);
    return agent?.terminal ? [{ candidate, agent }] : [];
  });
  if (onTerminals.length === 0) return new Set();
  const masters = await terminalMasters();
  const lost = onTerminals.filter(({ candidate, agent }) => {
    const others = found.filter((one) => one !== candidate).flatMap(membersOf);
    const isLeak = (pid: number) => others.includes(pid) || isOurs(pid);
    // An agent that ignores hangups (nohup) would have outlived that of its terminal, too.
    return isLeaked(agent, masters, isLeak) && ignoresSignal(agent, 'SIGHUP') === false;
  });
  return new Set(lost.map(({ candidate }) => candidate));
}

/**
 * Whether all who have the master of its terminal have it by accident: `isLeak` says so of them or of a
 * parent, and they began after the agent, so they did not open it for the agent. False where the agent's
 * parent lives and cannot be read. Pure.
 */
export function isLeaked(
  { terminal, ppid, startTime }: Pick<ProcessStat, 'terminal' | 'ppid' | 'startTime'>,
  { holders, unreadable }: TerminalMasters,
  isLeak: (pid: number) => boolean,
): boolean {
  const having = holders.get(terminalNumber(terminal) ?? Number.NaN) ?? [];
  if (having.length === 0 || (ppid !== 1 && unreadable.has(ppid))) return false;
  if (having.some((one) => one.startTime < startTime)) return false;
  const leaks = new Set(having.map(({ pid }) => pid).filter(isLeak));
  for (let before = -1; before < leaks.size; ) {
    before = leaks.size;
    for (const one of having) if (leaks.has(one.ppid)) leaks.add(one.pid);
  }
  return having.every(({ pid }) => leaks.has(pid));
}

/** The agent, where it leads its terminal's session and something else than the lease proves it a member. */
function provenAgent(candidate: Candidate): ProcessStat | undefined {
  const agent = candidate.found.lease?.agent;
  if (!agent || candidate.reason !== 'agent-alive' || !membersOf(candidate).includes(agent.pid))
    return undefined;
  const stat = readStat(agent.pid);
  return stat && stat.session === stat.pid && isAlive(agent) ? stat : undefined;
}

/** We and watchdogs: started by somebody who had the master, and nobody types through us. */
function isOurs(pid: number): boolean {
  if (pid === process.pid) return true;
  const args = readArgs(pid);
  return isOurCommand(args) || args.some((arg) => /\/qw-(watchdog|follow)\.sh$/.test(arg));
}

const membersOf = ({ remaining }: Candidate): number[] =>
  remaining.filter(({ why }) => why === 'member').map(({ pid }) => pid);
