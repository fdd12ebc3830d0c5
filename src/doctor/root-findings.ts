// What is wrong with the place of the sessions. Pure: facts in, findings out.
import { dirname } from 'node:path';
import { quote, shellQuote } from '../options.js';
import type { Finding } from './finding.js';
import type { RootFacts } from './roots.js';

/** A TMPDIR of the default roots has at most this many bytes: the sockets of all agents fit below it. */
export const COMFORTABLE_TMPDIR_BYTES = 36;

export function rootFindings(roots: readonly RootFacts[]): Finding[] {
  const chosen = roots.find(({ state }) => state === 'chosen');
  return [
    ...(chosen ? placeFindings(chosen, roots) : isAllFull(roots) ? [] : [noRoot(roots)]),
    ...roots.filter(({ state }) => chosen && state === 'refused').flatMap((root) => refused(root, chosen)),
  ];
}

/** Told with the file systems, as a problem. */
const isAllFull = (roots: readonly RootFacts[]): boolean =>
  roots.length > 0 && roots.every(({ writeError }) => FULL.has(writeError ?? ''));

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
  if (!refusal || FULL.has(writeError ?? '')) return []; // told with its file system
  if (source === 'TMPDIR' && refusal.code === 'ERR_QW_ROOT_UNUSABLE') return []; // told with the variable
  return [
    {
      weight: refusal.code === 'ERR_QW_ROOT_UNSAFE' ? 'warning' : 'note',
      code: 'root-refused',
      about: path,
      text: `passed over: ${reasonOf(root)}`,
      command: wayOut(root, shellQuote(chosen?.path ?? FRESH_ROOT)),
    },
  ];
}

/** Without the path, which is told already. */
export const reasonOf = ({ path, refusal }: RootFacts): string =>
  (refusal?.message ?? '').replace(`root ${quote(path)} `, '');

/** What mends a root, where its owner can; else another one. */
function wayOut({ path, source, refusal }: RootFacts, other: string): string {
  const message = refusal?.message ?? '';
  if (message.includes('chmod 700')) return `chmod 700 ${shellQuote(path)}`;
  if (message.includes('mkdir -p')) return `mkdir -p ${shellQuote(dirname(path))}`;
  return source === 'named' ? 'unset QW_ROOT' : `export QW_ROOT=${other}`;
}

function placeFindings(chosen: RootFacts, roots: readonly RootFacts[]): Finding[] {
  const { path, hasUserQuota, type, tmpdirBytes } = chosen;
  const onDisk = roots.find((root) => root.state === 'spare' && !IN_MEMORY.has(root.type ?? ''));
  const other = `export QW_ROOT=${onDisk ? shellQuote(onDisk.path) : FRESH_ROOT}`;
  const found: Finding[] = [];
  if (hasUserQuota)
    found.push({
      weight: 'warning',
      code: 'user-quota',
      about: path,
      text: 'sessions lie on a tmpfs that gives each user a share only: it is full for you while df shows room',
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
      text: `a TMPDIR there has ${tmpdirBytes} bytes: it fits, but some sockets of agents may not (more than ${COMFORTABLE_TMPDIR_BYTES})`,
      command: `export QW_ROOT=${FRESH_ROOT}`,
    });
  return found;
}

/** Short, on disk on nearly every machine, and nobody else's. */
const FRESH_ROOT = '"$HOME/.qw"';
const IN_MEMORY = new Set(['tmpfs', 'ramfs']);
const FULL = new Set(['ENOSPC', 'EDQUOT']);
