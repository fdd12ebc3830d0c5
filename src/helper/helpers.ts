// The helper of a server: started at the first need, asked again as long as it is well, replaced when it is
// not. Those that hang in a dead file system are left behind; of them there may be a few, then nothing is
// asked any more until one of them is gone.
import type { Failure } from '../remove/failure.js';
import { type HelperProcess, helperError, startHelper } from './process.js';
import type { Call } from './protocol.js';
import { stayFor } from './stay-for.js';
import { asFailure, describeLeft, type Left } from './whereabouts.js';

export interface AskOptions {
  deadlineMs: number;
  /** The process stays alive for the answer. Default true. */
  isAwaited?: boolean;
  /** Asked in vain where it has not begun after so long. */
  beginMs?: number;
  onProgress?: ((progress: never) => void) | undefined;
  /** Aborted: what is not removed by then stays. It is answered all the same. */
  signal?: AbortSignal | undefined;
}

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
  let left: Left[] = [];
  let keepers = 0;
  let lastId = 0;
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
    const hanging = left.filter(({ isGone }) => !isGone);
    if (hanging.length >= MOST_LEFT)
      throw helperError(
        `${hanging.length} helper processes hang, ${hanging.map(describeLeft).join(', ')}: no other is ` +
          `started until one of them is gone`,
        hanging[0]?.where.path,
      );
    let mine: HelperProcess | undefined;
    const leave = () => {
      if (current?.process === mine) current = undefined;
    };
    let one: Left | undefined;
    mine = startHelper({
      file,
      memoryMiB,
      onAnswer: () => {
        if (current?.process === mine) rest();
        else if (mine?.isIdle()) mine.close();
      },
      onHung: (where) => {
        leave();
        one = { pid: mine?.pid ?? 0, where, isGone: false };
        // Without a pass nobody asks for them.
        left = [
          ...left.filter(({ isGone }) => !isGone),
          ...left.filter(({ isGone }) => isGone).slice(-MOST_LEFT),
          one,
        ];
      },
      onEnd: () => {
        leave();
        if (one) one.isGone = true;
      },
    });
    return mine;
  };
  /** One with our own rights: a server may have given up some since it was started. */
  const running = (): HelperProcess => {
    const as = rights();
    if (current && current.as !== as) {
      retire(); // or when what it does is done: nobody asks it any more
      current = undefined;
    }
    current ??= { process: begin(), as };
    return current.process;
  };
  const send = <Result extends object>(
    call: Call,
    input: unknown,
    options: AskOptions,
    isAgain = false,
  ): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      const { deadlineMs, beginMs, onProgress = () => {}, signal } = options;
      clearTimeout(idle);
      lastId += 1;
      let state: 'waits' | 'begun' | 'withdrawn' = 'waits';
      let late: NodeJS.Timeout | undefined;
      const helper = running();
      if (beginMs !== undefined && helper.silentMs() >= beginMs) throw BUSY();
      helper.ask({
        request: { id: lastId, call, input, deadlineMs },
        onQueued: () => clearTimeout(late),
        mayBegin: () => {
          clearTimeout(late);
          if (state === 'withdrawn') return false;
          state = 'begun';
          return true;
        },
        onProgress: onProgress as (progress: unknown) => void,
        resolve: resolve as (result: object) => void,
        // A removal that it has not begun hangs nowhere yet.
        reject: (error) => reject(beginMs !== undefined && state !== 'begun' ? BUSY() : error),
        onEnd: (error) => {
          // It had ended before it was asked: nobody had heard of that yet.
          if (state === 'waits' && !isAgain) resolve(send(call, input, options, true));
          else reject(error);
        },
      });
      const id = lastId;
      const stop = () => helper.stop(id);
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
      if (beginMs === undefined) return;
      late = setTimeout(() => {
        state = 'withdrawn';
        reject(BUSY());
      }, beginMs).unref();
    });
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
      try {
        running();
      } catch {
        // the first request tries again, and reports it
      }
      return () => {
        if (!isKept) return;
        isKept = false;
        keepers -= 1;
        rest();
      };
    },
    troubles: () => {
      const told = left.map(asFailure);
      left = left.filter(({ isGone }) => !isGone);
      return told;
    },
  };
}

const rights = (): string => `${process.geteuid?.()} ${process.getegid?.()}`;

/** The walks; removals are for ends, which wait for nobody. */
const ONE_AT_A_TIME: ReadonlySet<Call> = new Set(['pass', 'list']);
const BUSY = () => helperError('the helper process is busy');
const MEMORY_MIB = 256;
const IDLE_MS = 10 * 60_000;
const MOST_LEFT = 3;
