// The record in a session's directory that names its owner and its agent. Pure: what it says and whether it
// is well formed. The agent can reach this file, so it is read as a stranger's: every field is checked, and
// it can only make us keep things, never signal or remove what was not proven otherwise.
import { type Check, count, fromJson, listOf, matching, maybe, record, text, time, word } from '../checks.js';
import type { ProcessIdentity, Realm } from '../process/identity.js';
import { cut } from '../quote.js';
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
  /** When the machine had booted by the clock of then, ms since 1970: shows how far that was set since. */
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
  const value = fromJson(text);
  return isLease(value) ? (value as Lease) : undefined;
}

function shorten(lease: Lease, limit: number): Lease {
  let room = limit;
  const command: string[] = [];
  for (const word of lease.command) {
    if (room <= 0) break;
    command.push(cut(word, room));
    room -= word.length + 3;
  }
  const { label, parent, kept, cwd } = lease;
  return {
    ...lease,
    ...(label === undefined ? {} : { label: cut(label, 256) }),
    ...(parent === undefined ? {} : { parent: cut(parent, 64) }),
    ...(kept?.missing === undefined ? {} : { kept: { ...kept, missing: cut(kept.missing, 128) } }),
    command,
    cwd: cut(cwd, limit),
  };
}

/** A pid of 0 names nobody: kill(2) gives it a meaning of its own. An owner may be pid 1 of a container. */
const pid: Check = (value) => count(value) && (value as number) > 0 && (value as number) < 2 ** 31;
const identity = { pid, startTime: count };

const isLease = record({
  version: word(1),
  id: matching(SESSION_ID),
  label: maybe(text),
  backend: text,
  command: listOf(text),
  cwd: text,
  createdAt: time,
  bootedAt: maybe(Number.isFinite),
  owner: record({
    ...identity,
    uid: count,
    bootId: text,
    pidNamespace: text,
    timeNamespace: maybe(text),
    host: text,
  }),
  agent: maybe(record(identity)),
  parent: maybe(text),
  ending: maybe(time),
  kept: maybe(record({ at: time, missing: maybe(text) })),
  keep: maybe(word(true)),
  survivors: maybe(word('keep')),
  spare: maybe(listOf(text)),
  isolate: maybe(
    record({
      mode: word('tmpfs', 'tmp'),
      sizeBytes: maybe(count),
      holder: maybe(count),
      holderStartTime: maybe(count),
    }),
  ),
  lock: maybe(matching(LOCK_NAME)),
});
