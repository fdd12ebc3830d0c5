// One session with all that can be seen of it, and what would happen if it ended now: for `qw-tmp show`.
import type { Remaining } from '../end/remaining.js';
import { candidates } from '../judge/candidates.js';
import { rootsToLookIn } from '../judge/session-dirs.js';
import { policyOf } from '../options.js';
import { readStat } from '../process/identity.js';
import { namesOf } from '../receipt/words.js';
import { tmpDir } from '../root/layout.js';
import { plural } from '../space/format-bytes.js';
import { type Largest, largest } from '../tree/largest.js';
import { findWork } from '../work/find-work.js';
import { asKeptWork, type KeptWork } from '../work/kept-work.js';
import { type SessionInfo, sessionInfo } from './list-sessions.js';

export interface ShownSession extends SessionInfo {
  /** Where its command was started. */
  cwd: string | null;
  /** It is to stay, however it ends. */
  keep: boolean;
  /** `holders`, each with its parent; null where that is gone or unknown. */
  processes: (Remaining & { parent: number | null })[];
  /** What takes most of its TMPDIR. */
  largest: Largest[];
  /** What would happen now, in sentences. */
  atEnd: string[];
}

/** Undefined when there is no session `id` any more. */
export async function showSession(
  id: string,
  env: NodeJS.ProcessEnv,
  root: string | undefined,
): Promise<ShownSession | undefined> {
  const policy = policyOf(env);
  const roots = await rootsToLookIn(env, root);
  const [candidate] = await candidates({ ...policy, roots, wants: (one) => one.id === id, wantsSizes: true });
  if (!candidate) return undefined;
  const { lease, keep = false } = candidate.releaseOptions;
  const info = sessionInfo(candidate);
  const tmpdir = tmpDir(candidate.dir);
  // A list looks for work only in sessions without an owner.
  const isOpen = info.state !== 'orphan' && policy.work !== 'remove';
  const work = isOpen ? (await findWork(tmpdir)).work.map(asKeptWork) : info.work;
  return {
    ...info,
    work,
    cwd: candidate.found.lease?.cwd ?? null,
    keep,
    processes: info.holders.map((one) => ({ ...one, parent: parentOf(one.pid) })),
    largest: await largest(tmpdir, { withinMs: LOOK_MS, limit: 5 }),
    atEnd: atEnd({ ...info, keep, survivors: lease.survivors, work }),
  };
}

const parentOf = (pid: number): number | null => (pid > 0 ? (readStat(pid)?.ppid ?? null) : null);

export interface EndQuestion extends Pick<ShownSession, 'id' | 'state' | 'keep'> {
  survivors?: 'keep' | undefined;
  holders: readonly Pick<Remaining, 'pid' | 'name' | 'why'>[];
  work: readonly Pick<KeptWork, 'path'>[];
}

/** Sentences, one line each. Pure; src/end does it. */
export function atEnd(question: EndQuestion): string[] {
  const { id, state, keep, survivors, holders, work } = question;
  if (state === 'foreign') return ['qw-tmp cannot tell from here whether it has ended'];
  if (state === 'unknown')
    return ['it stays until nothing in it was used for the maximum age, then a reaper removes it'];
  if (state === 'orphan') return ['the next reaper removes it'];
  if (state === 'kept') return [`it stays; qw-tmp rm ${id} removes it`];
  const isKept = ({ why }: (typeof holders)[number]) =>
    why !== 'member' || survivors === 'keep' || state === 'held';
  const stayed = holders.filter(isKept);
  const members = plural(holders.length - stayed.length, 'process');
  const ended =
    stayed.length < holders.length ? [`SIGTERM for its ${members}, SIGKILL after the grace period`] : [];
  if (keep) return [...ended, `TMPDIR stays, as it was asked to; qw-tmp rm ${id} removes it`];
  if (stayed.length > 0) return [...ended, `TMPDIR stays while it is in use by ${namesOf(stayed)}`];
  if (work.length === 0) return [...ended, 'TMPDIR is removed'];
  const kept = work.map(({ path }) => `${path} stays: it is work, not temp`);
  return [...ended, ...kept, `the rest of TMPDIR is removed; qw-tmp rm ${id} removes all of it`];
}

const LOOK_MS = 1_000;
