// Which root sessions get, and why not another one: every candidate with what speaks for and against it, and
// a write in each, since only a write shows it. A root that is missing is not made; its nearest parent is
// written to instead.
import { dirname } from 'node:path';
import { orRefusal, QwRunError, type QwRunErrorCode } from '../errors.js';
import { attempt, codeOf, fs, isFullCode } from '../fs.js';
import { quote, shellQuote } from '../quote.js';
import { considerRoot } from '../root/guard.js';
import { tmpdirBytes } from '../root/layout.js';
import type { RootCandidate } from '../root/locate.js';
import { hasUserQuota, isInMemory, isNoexec, type Mount, mountOf, readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { nearestExisting } from '../root/nearest-existing.js';
import { candidateRoots } from '../root/roots.js';
import { probe } from '../space/probe.js';
import { type Finding, note, problem, warning } from './finding.js';

export interface RootFacts extends Omit<RootCandidate, 'isNoexec'> {
  /** `chosen`: sessions opened now get this one. `spare`: it could be used, another comes first. */
  state: 'chosen' | 'spare' | 'refused';
  /** It is there already; otherwise it would be made. */
  exists: boolean;
  /** Why it would be passed over, or refused where it was named. */
  refusal: { code: QwRunErrorCode | null; message: string } | null;
  /** Length of a session's TMPDIR there; at most 48. */
  tmpdirBytes: number;
  /** Mount point and type of the file system; null without procfs. */
  mount: string | null;
  type: string | null;
  /** A tmpfs on which each user has a quota: free space says nothing there. */
  hasUserQuota: boolean;
  /** Nothing can be executed there. */
  isNoexec: boolean;
  /**
   * What a write was answered there; null when it went through, or nobody tried since the root is not safe.
   */
  writeError: string | null;
}

/**
 * The candidates in the order they are tried.
 * @throws QwRunError `ERR_QW_USAGE` for a `named` root that is empty or no string
 */
export function examineRoots(env: NodeJS.ProcessEnv, named: string | undefined): RootFacts[] {
  const mounts = readMounts();
  const candidates = candidateRoots(env, named).map((one) => examineRoot(one, mounts));
  const chosen = candidates.find(({ refusal }) => refusal === null);
  return candidates.map((root) => ({
    ...root,
    state: root.refusal ? 'refused' : root === chosen ? 'chosen' : 'spare',
  }));
}

function examineRoot(candidate: RootCandidate, mounts: readonly Mount[]): Omit<RootFacts, 'state'> {
  const found = orRefusal(() => considerRoot(candidate.path, mounts));
  const { path = candidate.path } = found;
  const mount = muteOn(path, mounts) ?? mountOf(nearestExisting(path), mounts);
  const facts = {
    ...candidate,
    path,
    tmpdirBytes: tmpdirBytes(path),
    mount: mount?.point ?? null,
    type: mount?.type ?? null,
    hasUserQuota: hasUserQuota(mount),
    isNoexec: isNoexec(mount),
  };
  if (found instanceof QwRunError) {
    const exists = !muteOn(path, mounts) && attempt(() => fs.lstatSync(path)) !== undefined;
    return { ...facts, exists, refusal: { code: found.code, message: found.message }, writeError: null };
  }
  const dir = nearestExisting(path);
  const writeError = writeErrorAt(dir);
  const message = `a write in ${dir} is refused (${writeError})`;
  const refusal = writeError === null ? null : { code: null, message };
  return { ...facts, exists: found.state !== 'missing', refusal, writeError };
}

/** What a write in `dir` is answered; null when it goes through. The file is gone afterwards. */
export function writeErrorAt(dir: string): string | null {
  try {
    probe(dir);
    return null;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}

/** Pure. `isByVariable`: a root that was named was named by `QW_ROOT`, not by `--root`. */
export function* rootFindings(roots: readonly RootFacts[], isByVariable: boolean): Iterable<Finding> {
  const [first] = roots;
  const chosen = roots.find(({ state }) => state === 'chosen');
  if (!chosen) {
    if (!first || roots.every(({ writeError }) => isFullCode(writeError))) return; // the file systems say so
    const reasons = roots.map((root) => `${root.path}: ${reasonOf(root)}`).join('; ');
    const text = `no session can be opened: ${reasons}`;
    const withoutIt = isByVariable ? 'unset QW_ROOT' : 'qw-tmp doctor';
    const other = first.source === 'named' ? withoutIt : moveTo();
    yield problem('no-root', first.path, { text, command: wayOut(first, other) });
    return;
  }
  yield* placeFindings(chosen, roots);
  for (const root of roots) {
    if (!root.refusal || isFullCode(root.writeError)) continue; // a full one: its file system says so
    const say = UNSAFE.has(root.refusal.code ?? '') ? warning : note;
    yield say('root-refused', root.path, {
      text: `passed over: ${reasonOf(root)}${isDefault(root) ? OURS_ONCE : ''}`,
      command: wayOut(root, moveTo(chosen)),
    });
  }
}

/** Where a build from before 0.1 may have left its root: that had no marker. */
const isDefault = ({ source, refusal }: RootFacts): boolean =>
  source.startsWith('/') && refusal?.code === 'ERR_QW_ROOT_NOT_OURS';
const OURS_ONCE =
  '; if a build from before 0.1 made it, look into it and remove it once no session runs there';

/** Without the path, which stands before it. */
export const reasonOf = ({ path, refusal }: RootFacts): string =>
  (refusal?.message ?? '').replace(`root ${quote(path)} `, '');

/** What fixes a root, where its owner can; else the `other` command. */
function wayOut({ path, refusal }: RootFacts, other: string): string {
  const message = refusal?.message ?? '';
  const [, fix] = /is writable by others; (.*), or choose another root$/.exec(message) ?? [];
  if (fix) return fix;
  if (message.includes('chmod 700')) return `chmod 700 ${shellQuote(path)}`;
  if (message.includes('mkdir -p')) return `mkdir -p ${shellQuote(dirname(path))}`;
  return other;
}

/** Without a root: to one that is short, on disk on nearly every machine, and nobody else's. */
const moveTo = (root?: RootFacts): string => `export QW_ROOT=${root ? shellQuote(root.path) : '"$HOME/.qw"'}`;

function* placeFindings(chosen: RootFacts, roots: readonly RootFacts[]): Iterable<Finding> {
  const { path, hasUserQuota, isNoexec, tmpdirBytes } = chosen;
  const spare = roots.filter(({ state }) => state === 'spare');
  if (isNoexec)
    yield warning('noexec', path, {
      text: 'sessions lie on a noexec mount: what is built or unpacked in TMPDIR cannot be started',
      command: moveTo(spare.find((root) => !root.isNoexec)),
    });
  const onDisk = moveTo(spare.find((root) => !isInMemory(root)));
  if (hasUserQuota)
    yield warning('user-quota', path, {
      text:
        'sessions lie on a tmpfs that gives each user a share only: it is full for you while df ' +
        'shows room',
      command: onDisk,
    });
  else if (isInMemory(chosen))
    yield note('in-memory', path, {
      text: 'sessions lie in memory (tmpfs): what they write is memory that other programs do not get',
      command: onDisk,
    });
  if (tmpdirBytes > COMFORTABLE_BYTES)
    yield note('long-tmpdir', path, {
      text:
        `a TMPDIR there has ${tmpdirBytes} bytes: it fits, but some sockets of agents may not (more ` +
        `than ${COMFORTABLE_BYTES})`,
      command: moveTo(),
    });
}

/** A TMPDIR of the default roots has at most this many bytes: the sockets of all agents fit below it. */
const COMFORTABLE_BYTES = 36;
const UNSAFE = new Set(['ERR_QW_ROOT_UNSAFE', 'ERR_QW_ROOT_NOT_OURS']);
