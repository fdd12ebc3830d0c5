// One helper process, as its server sees it: started, spoken to over one pipe, and given up when it shows no
// sign of life. It gets nothing of a session, sits in `/` and leads a session (setsid) of its own. It ends
// when the pipe does: with us, however we end.
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { QwRunError } from '../errors.js';
import { launch } from '../process/exec.js';
import { OWN_NODE } from '../process/find-tool.js';
import { type AskOptions, asError, type Call, line, linesOf, type Message } from './protocol.js';
import { watchSilence } from './silence.js';
import { listenTo } from './stderr.js';
import { describePlace, type Whereabouts, whereabouts } from './whereabouts.js';

export interface HelperProcess {
  readonly pid: number;
  ask<Result extends object>(call: Call, input: unknown, options: AskOptions): Promise<Result>;
  /** Nothing is asked of it. */
  isIdle(): boolean;
  /** Lets it go; what it does meanwhile is not waited for. */
  close(): void;
}

export interface HelperOptions {
  /** The program. */
  file: string;
  memoryMiB: number;
  /** It answered something, or failed to. */
  onAnswer(): void;
  /** It shows no sign of life and was left: SIGKILL is sent, nobody waits. */
  onHung(where: Whereabouts): void;
  /** Its end, whenever it comes. */
  onEnd(): void;
}

export const helperError = (message: string, path = '', Kind = QwRunError): QwRunError =>
  new Kind('ERR_QW_HELPER', message, path === '' ? {} : { path });

/** What was asked hangs, in a dead file system most often: whoever does it instead hangs there, too. */
export class HungError extends QwRunError {}

/** It ended before it began with what was asked: another one may do it. */
export class UnbegunError extends QwRunError {}

/** @throws QwRunError `ERR_QW_HELPER` */
export function startHelper(options: HelperOptions): HelperProcess {
  const { file, memoryMiB } = options;
  const child = launch(OWN_NODE, [`--max-old-space-size=${memoryMiB}`, file], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  // The reason would come too late.
  if (!child) throw helperError(`the helper process cannot be started with ${OWN_NODE}`);
  return control(child, options);
}

/** What was asked and is not answered yet. */
interface Asked extends AskOptions {
  state: 'waits' | 'begun' | 'withdrawn';
  /** Withdraws it where it does not begin. */
  late: NodeJS.Timeout | undefined;
  lists: Record<string, unknown[]>;
  resolve(result: object): void;
  reject(error: Error): void;
}

function newAsked(how: AskOptions, { resolve, reject }: Pick<Asked, 'resolve' | 'reject'>): Asked {
  const withdraw = () => {
    asked.state = 'withdrawn';
    reject(busy());
  };
  const late = how.beginMs === undefined ? undefined : setTimeout(withdraw, how.beginMs).unref();
  const asked: Asked = { ...how, state: 'waits', late, lists: {}, resolve, reject };
  return asked;
}

/** Passes on what was said of it; true when that is the answer. */
function hasAnswer(message: Message, asked: Asked): boolean {
  clearTimeout(asked.late); // it heard of it
  if ('list' in message) {
    asked.lists[message.list] ??= [];
    asked.lists[message.list]?.push(...message.items);
  }
  if ('progress' in message) asked.onProgress?.(message.progress as never);
  if ('error' in message) asked.reject(asError(message.error));
  if ('result' in message) asked.resolve({ ...message.result, ...asked.lists });
  return 'error' in message || 'result' in message;
}

function silenceError(pid: number, silentMs: number, where: Whereabouts): QwRunError {
  const place = describePlace(where);
  const seconds = Math.round(silentMs / 1_000);
  const text = `the helper process (pid ${pid}) showed no sign of life for ${seconds} s`;
  return helperError(`${text}${place && `: it hangs ${place}`}`, where.path, HungError);
}

function control(child: ChildProcess, options: HelperOptions): HelperProcess {
  const pid = child.pid as number;
  const pipe = child.stdio[3] as Socket;
  const stderr = listenTo(child.stderr as Socket);
  const pending = new Map<number, Asked>();
  let lastId = 0;
  let words = '';
  let isStuck = false;
  let isClosed = false;
  const silence = watchSilence(
    () => Math.min(...[...pending.values()].map(({ deadlineMs }) => deadlineMs)),
    (ms) => hasBeenSilent(ms),
  );
  const settled = (id: number): void => {
    pending.delete(id);
    if (pending.size === 0) silence.stop();
    options.onAnswer();
  };
  /** Those fail that do not wait longer; it is given up when nobody does. */
  const hasBeenSilent = (silentMs: number) => {
    const where = whereabouts(pid, stderr.place());
    const over = [...pending].filter(([, { deadlineMs }]) => silentMs >= deadlineMs);
    if (over.length === pending.size) giveUp(where);
    for (const [id, { beginMs, state, reject }] of over) {
      settled(id);
      // What it has not begun hangs nowhere yet.
      reject(beginMs !== undefined && state !== 'begun' ? busy() : silenceError(pid, silentMs, where));
    }
  };
  const giveUp = (where: Whereabouts) => {
    child.kill('SIGKILL');
    options.onHung(where);
    close();
  };
  const close = () => {
    isClosed = true;
    pipe.destroy();
    child.stderr?.destroy();
  };
  const hear = (message: Message): void => {
    silence.signOfLife();
    if ('stuck' in message) {
      words = message.stuck;
      isStuck = true;
    }
    if (!('id' in message)) return;
    const { id } = message;
    const asked = pending.get(id);
    if ('ready' in message) {
      const go = asked?.state === 'waits';
      pipe.write(line({ id, go })); // also to one that failed meanwhile: it holds up those behind it
      if (asked && !go) settled(id);
      if (asked && go) asked.state = 'begun';
    }
    if (asked && hasAnswer(message, asked)) settled(id);
  };
  const listen = async () => {
    for await (const text of linesOf(pipe)) hear(JSON.parse(text) as Message);
  };
  listen().catch((error: unknown) => {
    if (isClosed) return;
    words ||= `what it says is not understood (${(error as Error).message})`;
    child.kill('SIGKILL');
    pipe.destroy();
  });
  pipe.on('error', () => {}); // EPIPE: it is gone, and its end is reported below
  child.once('close', (code, signal) => {
    words ||= stderr.why();
    const text = `the helper process (pid ${pid}) ended (${signal ?? `exit ${code}`})`;
    const message = `${text}${words && `: ${words}`}`;
    options.onEnd();
    for (const [id, { state, reject }] of pending) {
      settled(id);
      const Kind = state === 'waits' ? UnbegunError : isStuck ? HungError : QwRunError;
      reject(helperError(message, '', Kind));
    }
  });
  for (const it of [child, pipe]) it.unref();

  function ask<Result extends object>(call: Call, input: unknown, how: AskOptions): Promise<Result> {
    const { deadlineMs, beginMs, signal } = how;
    return new Promise<Result>((resolve, reject) => {
      if (beginMs !== undefined && silence.ms() >= beginMs) throw busy();
      lastId += 1;
      const id = lastId;
      const text = line({ id, call, input, deadlineMs });
      pending.set(id, newAsked(how, { resolve: resolve as Asked['resolve'], reject }));
      silence.start();
      pipe.write(text);
      const stop = () => pending.has(id) && pipe.write(line({ id, stop: true }));
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  }
  return { pid, ask, isIdle: () => pending.size === 0, close };
}

const busy = () => helperError('the helper process is busy');
