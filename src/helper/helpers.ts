// The helper of a server: started at the first need, asked again as long as it is well, replaced when it is
// not. Those that hang in a dead file system are left behind; of them there may be a few, then nothing is
// asked any more until one of them is gone.
import { unlessItFails } from '../errors.js';
import { MAX_TIMER_MS } from '../options.js';
import type { Failure } from '../remove/failure.js';
import { type HelperProcess, helperError, startHelper, UnbegunError } from './process.js';
import type { AskOptions, Call } from './protocol.js';
import { describeLeft, leftBehind } from './whereabouts.js';

export interface Helpers {
  /**
   * @throws QwRunError `ERR_QW_HELPER` when it cannot be started, dies, hangs, or too many hang; and what the
   *   call itself throws
   */
  ask<Result extends object>(call: Call, input: unknown, options: AskOptions): Promise<Result>;
  /** Starts it now, while this process is small, and keeps it; gives the undo. */
  keep(): () => void;
  /** Those that hang, and those that did since this was asked last. */
  troubles(): Failure[];
}

export interface HelpersOptions {
  file: string;
  memoryMiB?: number;
  idleMs?: number;
}

export function createHelpers({ file, memoryMiB = MEMORY_MIB, idleMs = IDLE_MS }: HelpersOptions): Helpers {
  let current: { process: HelperProcess; as: string } | undefined;
  const left = leftBehind();
  let keepers = 0;
  let idle: NodeJS.Timeout | undefined;
  const lanes = new Map<Call, Promise<unknown>>();

  const rest = () => {
    clearTimeout(idle);
    if (keepers > 0 || !current?.process.isIdle()) return;
    idle = setTimeout(retire, idleMs).unref();
  };
  const retire = () => {
    if (!current?.process.isIdle()) return;
    current.process.close();
    current = undefined;
  };
  const begin = (): HelperProcess => {
    const hanging = left.hanging();
    if (hanging.length >= MOST_LEFT)
      throw helperError(
        `${hanging.length} helper processes hang, ${hanging.map(describeLeft).join(', ')}: no other is ` +
          `started until one of them is gone`,
        hanging[0]?.where.path,
      );
    const leave = () => {
      if (current?.process === mine) current = undefined;
    };
    const mine = startHelper({
      file,
      memoryMiB,
      onAnswer: () => {
        if (current?.process === mine) rest();
        else if (mine.isIdle()) mine.close();
      },
      onHung: (where) => {
        leave();
        left.add(mine.pid, where);
      },
      onEnd: () => {
        leave();
        left.ended(mine.pid);
      },
    });
    return mine;
  };
  /** One with our own rights: a server may have given up some since it was started. */
  const running = (): HelperProcess => {
    const as = `${process.geteuid?.()} ${process.getegid?.()}`;
    if (current && current.as !== as) {
      retire(); // or when what it does is done: nobody asks it any more
      current = undefined;
    }
    current ??= { process: begin(), as };
    return current.process;
  };
  const send = async <Result extends object>(
    call: Call,
    input: unknown,
    options: AskOptions,
    isAgain = false,
  ): Promise<Result> => {
    clearTimeout(idle);
    try {
      return await running().ask<Result>(call, input, options);
    } catch (error) {
      // It may have ended before it was asked, and nobody had heard of that yet.
      if (isAgain || !(error instanceof UnbegunError)) throw error;
      return send(call, input, options, true);
    }
  };
  const inItsLane = <Result extends object>(call: Call, input: unknown, options: AskOptions) => {
    if (!ONE_AT_A_TIME.has(call)) return send<Result>(call, input, options);
    const before = lanes.get(call) ?? Promise.resolve();
    const answer = before.then(() => send<Result>(call, input, options));
    lanes.set(
      call,
      answer.catch(() => {}),
    );
    return answer;
  };
  return {
    ask: <Result extends object>(call: Call, input: unknown, options: AskOptions) => {
      const answer = inItsLane<Result>(call, input, options);
      return options.isAwaited === false ? answer : stayFor(answer);
    },
    keep: () => {
      let isKept = true;
      keepers += 1;
      unlessItFails(running); // the first request tries again, and reports it
      return () => {
        if (!isKept) return;
        isKept = false;
        keepers -= 1;
        rest();
      };
    },
    troubles: left.troubles,
  };
}

/** This process stays alive for the answer, wherever it waits: all else the helper does may be for nobody. */
export async function stayFor<Result>(answer: Promise<Result>): Promise<Result> {
  const held = setInterval(() => {}, MAX_TIMER_MS);
  try {
    return await answer;
  } finally {
    clearInterval(held);
  }
}

/** The walks; removals are for ends, which wait for nobody. */
const ONE_AT_A_TIME: ReadonlySet<Call> = new Set(['pass', 'list']);
const MEMORY_MIB = 256;
const IDLE_MS = 10 * 60_000;
const MOST_LEFT = 3;
