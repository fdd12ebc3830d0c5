// Which process a session takes for its agent: what it takes, it ends. A pid may be wrong, and its number may
// be somebody else's by now.
import { isRefusal, QwRunError } from '../errors.js';
import { attempt, fs, quietly } from '../fs.js';
import { hasProcfs, isPidTaken, type ProcessIdentity, readStat } from '../process/identity.js';
import type { ProcessStat } from '../process/process-stat.js';
import { readEnviron } from '../process/procfs.js';
import { variable } from '../process/variables.js';
import { quote } from '../quote.js';
import { isWithin } from '../root/layout.js';
import { ownUid } from '../root/trusted.js';
import type { Known } from './known.js';
import type { Session } from './session.js';

/**
 * Takes the process with this pid for the session's agent. Undefined where its identity cannot be known (no
 * procfs, out of descriptors, hidden): it stays unnamed, and is found by its TMPDIR all the same.
 * @throws QwRunError `ERR_QW_NO_PROCESS` with the reason
 */
export function adopt(known: Known, pid: number): ProcessIdentity | undefined {
  if (!isPid(pid, process.pid)) {
    const given = pid === process.pid ? `our own (${pid})` : quote(pid);
    throw new QwRunError('ERR_QW_NO_PROCESS', `adopt() needs the pid of the agent's process, not ${given}`);
  }
  const looked = quietly(() => [lookAt(pid)] as const);
  if (!looked) return undefined;
  const [candidate] = looked;
  const isSeen = hasProcfs() && (candidate !== undefined || !isPidTaken(pid));
  const reason = isSeen ? whyNotAdopted(candidate, { ...known, pid: process.pid }) : undefined;
  if (reason) throw new QwRunError('ERR_QW_NO_PROCESS', `adopt() refuses process ${pid}: ${reason}`);
  if (!candidate) return undefined;
  const agent = { pid, startTime: candidate.startTime };
  known.agent = agent;
  known.memory.noteAgent({ pid, ...candidate });
  known.lease.update({ agent });
  return agent;
}

/** Adopts what was just started, whatever became of it since: a wrapper goes on without it. */
export function adoptStarted(session: Pick<Session, 'adopt'>, pid: number): void {
  try {
    session.adopt(pid);
  } catch (error) {
    if (!isRefusal(error, 'ERR_QW_NO_PROCESS')) throw error;
  }
}

/** All of it about one process: not about who had the number before, or has it afterwards. */
function lookAt(pid: number): Candidate | undefined {
  const stat = readStat(pid);
  if (!stat || !hasProcfs()) return stat && { ...stat, isOthers: false, environ: undefined };
  const isOthers = attempt(() => fs.statSync(`/proc/${pid}`))?.uid !== ownUid();
  const environ = readEnviron(pid);
  return readStat(pid)?.startTime === stat.startTime ? { ...stat, isOthers, environ } : undefined;
}

/** What is known of the process that has the pid. */
export interface Candidate extends Pick<ProcessStat, 'ppid' | 'startTime' | 'session'> {
  isOthers: boolean;
  /** At its exec; undefined where it cannot be read. */
  environ: string | undefined;
}

/** The session that would adopt it. */
interface Adopter extends Pick<Known, 'id' | 'tmpdir' | 'openedAt'> {
  /** The process that adopts. */
  pid: number;
}

export const isPid = (pid: number, ownPid: number): boolean =>
  Number.isSafeInteger(pid) && pid > 1 && pid !== ownPid;

/** Why it is not taken, if so. A child always is: nobody gets its number before it is collected. Pure. */
export function whyNotAdopted(candidate: Candidate | undefined, adopter: Adopter): string | undefined {
  if (!candidate) return 'it is gone';
  if (candidate.ppid === adopter.pid) return undefined;
  if (candidate.isOthers) return 'it is another user’s, and no child of this process';
  if (candidate.startTime < adopter.openedAt) return `it is older than session ${adopter.id}`;
  if (hasEnvironment(candidate, adopter)) return undefined;
  return `it is no child of this process, and has no environment of session ${adopter.id}`;
}

function hasEnvironment({ environ }: Candidate, { id, tmpdir }: Adopter): boolean {
  if (environ === undefined) return false;
  const own = variable(environ, 'TMPDIR');
  return variable(environ, 'QW_SESSION') === id || (own !== undefined && isWithin(tmpdir, own));
}
