// What an owner that stays prints when its agent has ended: for the receipt, where an agent in exec mode was
// its own owner and nobody of us was there.
import { isoTime } from '../clock.js';
import type { EndReport } from '../end/end-report.js';
import type { Lease } from '../lease/lease.js';
import { parseDuration } from '../options.js';
import { tmpDir } from '../root/layout.js';
import { podmanWarnings } from '../session/podman.js';
import { fullNow } from '../space/probe.js';
import { largest } from '../tree/largest.js';
import type { Candidate } from './candidates.js';

type Words = Partial<Pick<EndReport, 'lastPressure' | 'largest' | 'warnings'>>;

/** An agent that is its own owner. */
export const isExec = ({ owner, agent }: Lease): boolean =>
  agent?.pid === owner.pid && agent.startTime === owner.startTime;

/** To be asked before anything is freed. `env` is what its start gave to the watchdog. */
export async function asAttached(
  { dir, found, lastPressure }: Candidate,
  env: NodeJS.ProcessEnv,
): Promise<Words> {
  if (found.kind !== 'good' || !isExec(found.lease)) return {};
  const tmpdir = tmpDir(dir);
  const isInside = found.lease.isolate !== undefined;
  const code = isInside || lastPressure ? undefined : fullNow(dir);
  const noted = lastPressure ?? (code && { code, at: isoTime(Date.now()) });
  const pressed = noted && { lastPressure: noted, largest: await largest(tmpdir) };
  const podman = isInside ? [] : podmanWarnings({ tmpdir, contents: tmpdir, home: env['HOME'] });
  const warnings = [...(env['qw_exec_warnings']?.split('|') ?? []), ...podman];
  return { ...pressed, ...(warnings.length > 0 ? { warnings } : {}) };
}

/** As it was asked for at the start. */
export const graceOf = ({ QW_GRACE }: NodeJS.ProcessEnv): { graceMs?: number } =>
  QW_GRACE ? { graceMs: parseDuration('QW_GRACE', QW_GRACE) } : {};
