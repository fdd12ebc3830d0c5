// Which stale things go when a file system runs full, and in which order. Pure; docs/disk-space.md shows it
// as a table. The age at which something counts as stale shrinks step by step, and at each step the coldest
// goes first.
import { dirname } from 'node:path';
import { MIN_MAX_AGE_MS } from '../options.js';
import type { Headroom } from '../space/headroom.js';
import { isNothing, missingRoom, type Room, targetRoom, type Watermarks } from '../space/watermarks.js';
import type { Size } from '../tree/reclaimable.js';

/** Something nobody uses: a session without an owner, a unit of a living one, something an agent left. */
export interface Evictable extends Size {
  path: string;
  /** When something in it was used last, ms since 1970. */
  lastUsedAt: number;
}

export interface StepQuestion {
  /** Age at which things are stale without pressure. */
  maxAgeMs: number;
  /** What has to be freed yet; asked before each step. */
  missing(): Room;
  /** What went before, or in a dry run would be gone by now. */
  gone?: readonly Omit<Evictable, 'lastUsedAt'>[];
  now?: () => number;
}

export interface Step<T extends Evictable> {
  /** What goes was not used for so long, in ms. */
  ageMs: number;
  /** Coldest first, no more than is missing. */
  take: T[];
}

/** Steps until nothing is missing, or nothing is left that may go. What a step took is not tried again. */
export function* evictionSteps<T extends Evictable>(
  evictable: readonly T[],
  { maxAgeMs, missing, gone = [], now = Date.now }: StepQuestion,
): Generator<Step<T>, void> {
  const account = takings();
  gone.forEach(account.take);
  const coldestFirst = [...evictable].sort(byColdness);
  for (;;) {
    let { bytes, inodes } = missing();
    let ageMs: number | undefined;
    const take: T[] = [];
    for (const one of coldestFirst) {
      if (bytes <= 0 && inodes <= 0) break;
      const rest = account.rest(one);
      if (!rest) continue;
      const unusedMs = now() - one.lastUsedAt;
      ageMs ??= pressureAges(maxAgeMs).find((age) => unusedMs >= age);
      if (ageMs === undefined || unusedMs < ageMs) break;
      account.take(rest);
      take.push(rest);
      bytes -= rest.bytes;
      inodes -= rest.entries;
    }
    if (ageMs === undefined || take.length === 0) return;
    yield { ageMs, take };
  }
}

export interface ShortageFacts {
  /** As it is now. */
  headroom: Headroom;
  watermarks: Watermarks;
  /**
   * A write was refused though free space and inodes were above the low watermark: a quota, which nothing
   * but a write shows.
   */
  isHidden: boolean;
  /** A write is refused now. */
  isFull: boolean;
  freed: Room;
}

/**
 * What has to be freed yet: up to the target; behind a quota until a write goes through and some room was
 * made.
 */
export function missingYet({ headroom, watermarks, isHidden, isFull, freed }: ShortageFacts): Room {
  const room = missingRoom(headroom, targetRoom(headroom, watermarks));
  const hidden = watermarks.target && 'bytes' in watermarks.target ? watermarks.target.bytes : HIDDEN_BYTES;
  // A quota of inodes is not told apart from one of blocks: many entries are room, too.
  if (isHidden && freed.inodes < HIDDEN_INODES) room.bytes = Math.max(room.bytes, hidden - freed.bytes);
  return isNothing(room) && isFull ? { bytes: SLICE_BYTES, inodes: 0 } : room;
}

/** From the configured age down to one hour, never below. */
export const pressureAges = (maxAgeMs: number): number[] => {
  const first = Math.max(maxAgeMs, MIN_MAX_AGE_MS);
  return [first, ...SHORTER_MS.filter((ageMs) => ageMs < first)];
};

/** Things may contain each other: taking one takes what is in it, and leaves less of what it is in. */
function takings() {
  const taken = new Set<string>();
  const inside = new Map<string, Room>();
  return {
    take({ path, bytes, entries }: Omit<Evictable, 'lastUsedAt'>): void {
      taken.add(path);
      for (const outer of above(path)) {
        const sum = inside.get(outer) ?? { bytes: 0, inodes: 0 };
        inside.set(outer, { bytes: sum.bytes + bytes, inodes: sum.inodes + entries });
      }
    },
    rest<T extends Evictable>(one: T): T | undefined {
      if (taken.has(one.path) || above(one.path).some((outer) => taken.has(outer))) return undefined;
      const gone = inside.get(one.path);
      return gone ? { ...one, bytes: one.bytes - gone.bytes, entries: one.entries - gone.inodes } : one;
    },
  };
}

const above = (path: string): string[] => {
  const outer = dirname(path);
  return outer === path ? [] : [outer, ...above(outer)];
};

/** Of two equally cold ones the outer first. */
const byColdness = (a: Evictable, b: Evictable): number =>
  a.lastUsedAt - b.lastUsedAt || a.path.length - b.path.length || (a.path < b.path ? -1 : 1);

const HIDDEN_BYTES = 128 * 1024 ** 2; // as much as the target of a file system of 1 GiB
const HIDDEN_INODES = 10_000;
const SLICE_BYTES = 16 * 1024 ** 2;
const SHORTER_MS = [72, 24, 6, 1].map((hours) => hours * 3_600_000);
