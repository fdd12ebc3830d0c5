// Bounds one look at the processes: they may have any number of descriptors, threads and sockets. Parents and
// variables are read of all: without them a pane of somebody's tmux could pass for a member. What they have
// open is read while there is time. A partial look proves members, and never that nobody is there.

export interface Limits {
  /** What it may work before it reads no more of what processes have open. Others' turns do not count. */
  ms: number;
  /** Sockets that are kept, and names that somebody is connected to: of all network namespaces. */
  sockets: number;
  /** Kept of one process: places it has open in sessions, doors. Of more it is said that there is more. */
  perProcess: number;
  /** Places open in sessions, of all processes. */
  holds: number;
}

export const LIMITS: Limits = { ms: 60_000, sockets: 200_000, perProcess: 1_000, holds: 100_000 };

export interface Meter {
  /** Adds to the time: hundreds of looks may run at once, each in its turns. */
  worked(ms: number): void;
  /** Nothing more of what processes have open is read: time is up, or what is read would be too much. */
  isSpent(): boolean;
  /** Room for one more socket. Without it the look is partial. */
  addSocket(): boolean;
  /** Room for one more place that is open in a session, for a process that has `count` of them. */
  addHold(count: number): boolean;
  /** Whether so many doors of one process are few enough to be kept. */
  areFew(count: number): boolean;
  /** Notes who was looked at since the last call. */
  note(who: string): void;
  slowest(): string | undefined;
}

export function newMeter(limits: Limits = LIMITS): Meter {
  let [ms, sockets, holds, noted] = [0, 0, 0, 0];
  let slowest: { who: string; ms: number } | undefined;
  const isSpent = () => ms >= limits.ms || sockets > limits.sockets;
  return {
    worked: (more) => {
      ms += more;
    },
    isSpent,
    addSocket: () => {
      sockets += 1;
      return !isSpent();
    },
    addHold: (count) => {
      const hasRoom = count < limits.perProcess && holds < limits.holds;
      if (hasRoom) holds += 1;
      return hasRoom;
    },
    areFew: (count) => count <= limits.perProcess,
    note: (who) => {
      if (ms - noted > (slowest?.ms ?? 0)) slowest = { who, ms: ms - noted };
      noted = ms;
    },
    slowest: () => slowest?.who,
  };
}

/** Goes through `steps` as long as there is time. Undefined where there was not enough of it. */
export function* within<T>(meter: Meter, steps: Iterator<undefined, T>): Generator<undefined, T | undefined> {
  try {
    while (!meter.isSpent()) {
      const { done, value } = steps.next();
      if (done) return value;
      yield;
    }
    return undefined;
  } finally {
    steps.return?.(); // closes what is open
  }
}
