// Which process a session takes for its agent: what it takes, it ends. A pid may be wrong, and its number may
// be somebody else's by now.

import { sinceBootMs, TICKS_PER_SECOND } from '../clock.js';
import { isRefusal, QwRunError } from '../errors.js';
import { attempt, fs, quietly } from '../fs.js';
import { hasProcfs, isPidTaken, readStat } from '../process/identity.js';
import type { ProcessStat } from '../process/process-stat.js';
import { readEnviron } from '../process/procfs.js';
import { variable } from '../process/variables.js';
import { isWithin } from '../root/layout.js';
import { ownUid } from '../root/trusted.js';
import type { Session } from './session.js';

/** Its identity, and its session (setsid). */
type Adopted = Pick<ProcessStat, 'pid' | 'startTime' | 'session'>;

/**
 * The identity of the process with this pid, where it may be the session's agent. Undefined where that
 * cannot be known (no procfs, out of descriptors, hidden): it stays unnamed, and is found by its TMPDIR all
 * the same.
 * @throws QwRunError `ERR_QW_NO_PROCESS` with the reason
 */
export function identityToAdopt(pid: number, adopter: Adopter): Adopted | undefined {
  if (!isPid(pid, adopter.pid))
    throw new QwRunError('ERR_QW_NO_PROCESS', `adopt() needs the pid of the agent's process, not ${pid}`);
  const seen = quietly(() => ({ candidate: lookAt(pid) }));
  if (!seen) return undefined;
  const { candidate } = seen;
  if (!hasProcfs()) return candidate && { pid, ...candidate };
  if (!candidate && isPidTaken(pid)) return undefined;
  const reason = whyNotAdopted(candidate, adopter);
  if (reason) throw new QwRunError('ERR_QW_NO_PROCESS', `adopt() refuses process ${pid}: ${reason}`);
  return candidate && { pid, ...candidate };
}

/** Now, as procfs will have it in the start time of who begins now. */
export const startTimeNow = (ownStartTime: number): number =>
  Math.floor((sinceBootMs(ownStartTime) * TICKS_PER_SECOND) / 1_000);

/** All of it about one process: not about who had the number before, or has it afterwards. */
function lookAt(pid: number): Candidate | undefined {
  const stat = readStat(pid);
  if (!stat || !hasProcfs()) return stat && asCandidate(stat);
  const isOthers = attempt(() => fs.statSync(`/proc/${pid}`))?.uid !== ownUid();
  const environ = readEnviron(pid);
  return readStat(pid)?.startTime === stat.startTime ? asCandidate(stat, isOthers, environ) : undefined;
}

const asCandidate = (
  { ppid, startTime, session }: ProcessStat,
  isOthers = false,
  environ?: string,
): Candidate => ({
  ppid,
  startTime,
  session,
  isOthers,
  environ,
});

/** Adopts what was just started, whatever became of it since: a wrapper goes on without it. */
export function adoptStarted(session: Pick<Session, 'adopt'>, pid: number): void {
  try {
    session.adopt(pid);
  } catch (error) {
    if (!isRefusal(error, 'ERR_QW_NO_PROCESS')) throw error;
  }
}

/** What is known of the process that has the pid. */
export interface Candidate {
  ppid: number;
  /** In ticks, as procfs has it. */
  startTime: number;
  /** That of setsid(2). */
  session: number;
  isOthers: boolean;
  /** At its exec; undefined where it cannot be read. */
  environ: string | undefined;
}

/** The session that would adopt it. */
export interface Adopter {
  id: string;
  tmpdir: string;
  /** The process that adopts. */
  pid: number;
  /** When it was opened, on the clock of the start times. */
  openedAt: number;
}

export const isPid = (pid: number, ownPid: number): boolean =>
  Number.isSafeInteger(pid) && pid > 1 && pid !== ownPid;

/**
 * Why it is not taken; undefined for one that is. A child is taken whatever it is: its number is given to
 * nobody else before it is collected. Pure.
 */
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
