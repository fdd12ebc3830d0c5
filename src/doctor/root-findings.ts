// What is wrong with the place of the sessions. Pure: facts in, findings out.
import { dirname } from 'node:path';
import { isFullCode } from '../fs.js';
import { quote, shellQuote } from '../options.js';
import type { Finding } from './finding.js';
import type { RootFacts } from './roots.js';
import { type UnmarkedRoot, unmarkedFinding } from './unmarked.js';

/** A TMPDIR of the default roots has at most this many bytes: the sockets of all agents fit below it. */
export const COMFORTABLE_TMPDIR_BYTES = 36;

export function rootFindings(roots: readonly RootFacts[], unmarked: readonly UnmarkedRoot[]): Finding[] {
  const chosen = roots.find(({ state }) => state === 'chosen');
  const passedOver = roots.filter(
    ({ state, path }) => chosen && state === 'refused' && !unmarked.some(({ root }) => root === path),
  );
  return [
    ...(chosen ? placeFindings(chosen, roots) : isAllFull(roots) ? [] : [noRoot(roots)]),
    ...passedOver.flatMap((root) => refused(root, chosen)),
    ...unmarked.map(unmarkedFinding),
  ];
}

/** Reported with the file systems, as a problem. */
const isAllFull = (roots: readonly RootFacts[]): boolean =>
  roots.length > 0 && roots.every(({ writeError }) => isFullCode(writeError));

function noRoot(roots: readonly RootFacts[]): Finding {
  const [first] = roots;
  const reasons = roots.map((root) => `${root.path}: ${reasonOf(root)}`).join('; ');
  return {
    weight: 'problem',
    code: 'no-root',
    about: first?.path ?? '',
    text: `no session can be opened: ${reasons}`,
    command: first ? wayOut(first, FRESH_ROOT) : `export QW_ROOT=${FRESH_ROOT}`,
  };
}

/** Passed over: sessions go elsewhere, which may surprise. */
function refused(root: RootFacts, chosen: RootFacts | undefined): Finding[] {
  const { path, source, refusal, writeError } = root;
  if (!refusal || isFullCode(writeError)) return []; // reported with its file system
  if (source === 'TMPDIR' && refusal.code === 'ERR_QW_ROOT_UNUSABLE') return []; // reported with the variable
  return [
    {
      weight: SURPRISING.has(refusal.code ?? '') ? 'warning' : 'note',
      code: 'root-refused',
      about: path,
      text: `passed over: ${reasonOf(root)}`,
      command: wayOut(root, shellQuote(chosen?.path ?? FRESH_ROOT)),
    },
  ];
}

/** Without the path, which stands before it. */
export const reasonOf = ({ path, refusal }: RootFacts): string =>
  (refusal?.message ?? '').replace(`root ${quote(path)} `, '');

/** What fixes a root, where its owner can; else another one. */
function wayOut({ path, source, refusal }: RootFacts, other: string): string {
  const message = refusal?.message ?? '';
  const [, mended] = /is writable by others; (.*), or choose another root$/.exec(message) ?? [];
  if (mended) return mended;
  if (message.includes('chmod 700')) return `chmod 700 ${shellQuote(path)}`;
  if (message.includes('mkdir -p')) return `mkdir -p ${shellQuote(dirname(path))}`;
  return source === 'named' ? 'unset QW_ROOT' : `export QW_ROOT=${other}`;
}

function placeFindings(chosen: RootFacts, roots: readonly RootFacts[]): Finding[] {
  const { path, hasUserQuota, isNoexec, type, tmpdirBytes } = chosen;
  const onDisk = roots.find((root) => root.state === 'spare' && !IN_MEMORY.has(root.type ?? ''));
  const other = `export QW_ROOT=${onDisk ? shellQuote(onDisk.path) : FRESH_ROOT}`;
  const found: Finding[] = [];
  if (isNoexec) {
    const better = roots.find((root) => root.state === 'spare' && !root.isNoexec);
    found.push({
      weight: 'warning',
      code: 'noexec',
      about: path,
      text: 'sessions lie on a noexec mount: what is built or unpacked in TMPDIR cannot be started',
      command: `export QW_ROOT=${better ? shellQuote(better.path) : FRESH_ROOT}`,
    });
  }
  if (hasUserQuota)
    found.push({
      weight: 'warning',
      code: 'user-quota',
      about: path,
      text:
        'sessions lie on a tmpfs that gives each user a share only: it is full for you while df ' +
        'shows room',
      command: other,
    });
  else if (IN_MEMORY.has(type ?? ''))
    found.push({
      weight: 'note',
      code: 'in-memory',
      about: path,
      text: 'sessions lie in memory (tmpfs): what they write is memory that other programs do not get',
      command: other,
    });
  if (tmpdirBytes > COMFORTABLE_TMPDIR_BYTES)
    found.push({
      weight: 'note',
      code: 'long-tmpdir',
      about: path,
      text:
        `a TMPDIR there has ${tmpdirBytes} bytes: it fits, but some sockets of agents may not (more ` +
        `than ${COMFORTABLE_TMPDIR_BYTES})`,
      command: `export QW_ROOT=${FRESH_ROOT}`,
    });
  return found;
}

/** Short, on disk on nearly every machine, and nobody else's. */
const FRESH_ROOT = '"$HOME/.qw"';
const SURPRISING = new Set(['ERR_QW_ROOT_UNSAFE', 'ERR_QW_ROOT_NOT_OURS']);
const IN_MEMORY = new Set(['tmpfs', 'ramfs']);
