// Whether every session is accounted for once in the log of receipts, whoever ended it.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { SessionReceipt } from 'qw-run';
import { logOf } from '../../helpers/receipts.js';
import type { Scene } from '../../helpers/scene.js';
import { waitUntil } from '../../helpers/wait-until.js';

export interface Accounts {
  /** Takes in what was written meanwhile: the log is set aside when it is long, and what lay there before is gone. */
  read(): void;
  /**
   * Who is told never or twice of those that were opened, and how many are told once. A wrapper that is SIGKILLed between the removal
   * and the line leaves none: that is documented, and counted.
   */
  settle(opened: Iterable<Opened>): Promise<Account>;
}

export interface Opened {
  id: string;
  /** Its wrapper was SIGKILLed. */
  isKilled: boolean;
}

export interface Account {
  accounted: number;
  killedOverIt: number;
  unaccounted: string[];
  toldTwice: string[];
}

export function accounts(here: Scene): Accounts {
  const offsets = new Map<string, number>();
  const removals = new Map<string, string[]>();
  /** What else is told of each. */
  const others = new Map<string, string[]>();
  const read = () => {
    for (const file of [`${logOf(here)}.1`, logOf(here)])
      for (const line of newLines(file, offsets)) {
        const { kind, id, by, state, reason } = JSON.parse(line) as SessionReceipt;
        if (kind !== 'session') continue;
        // `gone`: an owner whose session somebody else removed.
        const isRemoval = state === 'removed' && reason !== 'gone';
        const told = isRemoval ? removals : others;
        told.set(id, [...(told.get(id) ?? []), `${by} ${state} ${reason ?? ''}`.trim()]);
      }
  };
  const settle = async (opened: Iterable<Opened>) => {
    const all = [...opened];
    const silent = () => all.filter(({ id }) => !removals.has(id));
    const isTold = () => {
      read();
      return silent().every(({ isKilled }) => isKilled);
    };
    await waitUntil('all sessions are accounted for', isTold).catch(() => {});
    const killed = all.filter(({ isKilled }) => isKilled);
    const over = silent().filter(({ isKilled }) => isKilled);
    const isRare = over.length <= Math.max(1, killed.length * RARELY);
    return {
      accounted: all.length - silent().length,
      killedOverIt: over.length,
      unaccounted: silent().flatMap(({ id, isKilled }) =>
        isKilled && isRare ? [] : [`${id} (${others.get(id)?.join(', ') ?? 'not told of at all'})`],
      ),
      toldTwice: [...removals].flatMap(([id, told]) =>
        told.length > 1 ? [`${id}: ${told.join(', ')}`] : [],
      ),
    };
  };
  return { read, settle };
}

/** Between the removal and its line there is less than a millisecond. */
const RARELY = 0.03;

/** Numbers of files are used again, but not with the same time of birth. */
function newLines(file: string, offsets: Map<string, number>): string[] {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return []; // not there yet
  }
  try {
    const { ino, birthtimeNs, size } = fstatSync(fd, { bigint: true });
    const key = `${ino} ${birthtimeNs}`;
    const from = offsets.get(key) ?? 0;
    const buffer = Buffer.alloc(Number(size) - from);
    const text = buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, from));
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    offsets.set(key, from + Buffer.byteLength(whole));
    return whole.split('\n').filter(Boolean);
  } finally {
    closeSync(fd);
  }
}
