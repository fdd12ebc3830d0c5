// The record in a session's directory that names its owner and its agent. Pure: what it says and whether it
// is well formed. The agent can reach this file, so it is read as a stranger's: every field is checked, and
// it can only make us keep things, never signal or remove what was not proven otherwise.
import type { ProcessIdentity, Realm } from '../process/identity.js';
import { LOCK_NAME, SESSION_ID } from '../root/layout.js';

export interface Owner extends ProcessIdentity, Realm {
  uid: number;
}

export interface Lease {
  version: 1;
  id: string;
  label?: string;
  backend: string;
  /** What was started; cut so that the lease stays small. */
  command: string[];
  cwd: string;
  /** ISO 8601. */
  createdAt: string;
  /**
   * When the machine had booted by the clock of that moment, ms since 1970: shows how far the clock was set
   * since.
   */
  bootedAt?: number;
  owner: Owner;
  agent?: ProcessIdentity;
  /** Id of the session this one was opened in. */
  parent?: string;
  /** The end has begun (ISO 8601): whoever finds this lease without its owner finishes it. */
  ending?: string;
  /** Left on purpose; only `qw-tmp rm` removes it. `missing`: why not all that was to be kept is there. */
  kept?: { at: string; missing?: string };
  /** The directory is to stay when the session ends, whoever ends it. */
  keep?: true;
  /** `keep`: processes the agent leaves behind are not to be ended. */
  survivors?: 'keep';
  /** Names given with `--spare`. */
  spare?: string[];
  /** Its TMPDIR is in a mount namespace of its own. `holder`: the process that keeps that, no member. */
  isolate?: { mode: 'tmpfs' | 'tmp'; sizeBytes?: number; holder?: number; holderStartTime?: number };
  /** Name of the file in the root that the owner's watchdog holds locked while it watches. */
  lock?: string;
}

/** A lease may have this many bytes; longer ones are not read. */
export const MAX_LEASE_BYTES = 4096;

/** The text of a lease: command and label cut until it fits. */
export function serializeLease(lease: Lease): string {
  for (let limit = 2048; limit >= 16; limit /= 2) {
    const text = `${JSON.stringify(shorten(lease, limit))}\n`;
    if (Buffer.byteLength(text) <= MAX_LEASE_BYTES) return text;
  }
  const { label: _label, spare: _spare, ...bare } = lease;
  return `${JSON.stringify({ ...bare, command: [], cwd: '' })}\n`;
}

/** The lease in `text`; undefined when it is not one we can rely on, among them those of newer versions. */
export function parseLease(text: string): Lease | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isLease(value) ? value : undefined;
}

function shorten(lease: Lease, limit: number): Lease {
  let room = limit;
  const command: string[] = [];
  for (const word of lease.command) {
    if (room <= 0) break;
    command.push(cut(word, room));
    room -= word.length + 3;
  }
  const label = lease.label === undefined ? {} : { label: cut(lease.label, 256) };
  const parent = lease.parent === undefined ? {} : { parent: cut(lease.parent, 64) };
  const kept =
    lease.kept?.missing === undefined
      ? {}
      : { kept: { ...lease.kept, missing: cut(lease.kept.missing, 128) } };
  return { ...lease, ...label, ...parent, ...kept, command, cwd: cut(lease.cwd, limit) };
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;

function isLease(value: unknown): value is Lease {
  if (!isRecord(value)) return false;
  const { version, id, backend, command, cwd, createdAt, owner } = value;
  return (
    version === 1 &&
    typeof id === 'string' &&
    SESSION_ID.test(id) &&
    typeof backend === 'string' &&
    isStrings(command) &&
    typeof cwd === 'string' &&
    isDate(createdAt) &&
    isOwner(owner) &&
    hasGoodOptions(value)
  );
}

const hasGoodOptions = ({
  bootedAt,
  label,
  agent,
  parent,
  ending,
  kept,
  keep,
  survivors,
  spare,
  isolate,
  lock,
}: Record<string, unknown>): boolean =>
  isOptional(bootedAt, Number.isFinite) &&
  isOptional(label, isString) &&
  isOptional(agent, isIdentity) &&
  isOptional(parent, isString) &&
  isOptional(ending, isDate) &&
  isOptional(kept, (it) => isRecord(it) && isDate(it['at']) && isOptional(it['missing'], isString)) &&
  isOptional(keep, (it) => it === true) &&
  isOptional(survivors, (it) => it === 'keep') &&
  isOptional(spare, isStrings) &&
  isOptional(isolate, isIsolation) &&
  isOptional(lock, (it) => isString(it) && LOCK_NAME.test(it));

const isOwner = (value: unknown): boolean =>
  isRecord(value) &&
  isIdentity(value) &&
  isNatural(value['uid']) &&
  isString(value['bootId']) &&
  isString(value['pidNamespace']) &&
  isOptional(value['timeNamespace'], isString) &&
  isString(value['host']);

const isIsolation = (value: unknown): boolean =>
  isRecord(value) &&
  (value['mode'] === 'tmpfs' || value['mode'] === 'tmp') &&
  isOptional(value['sizeBytes'], isNatural) &&
  isOptional(value['holder'], isNatural) &&
  isOptional(value['holderStartTime'], isNatural);

/** A pid of 0 names nobody: kill(2) gives it a meaning of its own. An owner may be pid 1 of a container. */
const isIdentity = (value: unknown): boolean =>
  isRecord(value) &&
  isNatural(value['pid']) &&
  (value['pid'] as number) > 0 &&
  (value['pid'] as number) < 2 ** 31 &&
  isNatural(value['startTime']);

const isOptional = (value: unknown, check: (value: unknown) => boolean): boolean =>
  value === undefined || check(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isString = (value: unknown): value is string => typeof value === 'string';
const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);
const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isDate = (value: unknown): boolean => isString(value) && Number.isFinite(Date.parse(value));
