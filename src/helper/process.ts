// One helper process, as its server sees it: started, spoken to over one pipe, and given up when it shows no
// sign of life. It gets nothing of a session, sits in `/` and leads a session (setsid) of its own. It ends
// when the pipe does: with us, however we end.
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { QwRunError } from '../errors.js';
import { launch } from '../process/exec.js';
import { OWN_NODE } from '../process/find-tool.js';
import { asError, line, linesOf, type Message, type Request } from './protocol.js';
import { watchSilence } from './silence.js';
import { listenTo } from './stderr.js';
import { describePlace, type Whereabouts, whereabouts } from './whereabouts.js';

export interface Asked {
  request: Request;
  /** It waits in the helper. */
  onQueued(): void;
  /** It is about to begin; false: it is not wanted any more. */
  mayBegin(): boolean;
  onProgress(progress: unknown): void;
  resolve(result: object): void;
  reject(error: Error): void;
  /** It ended before it answered. */
  onEnd(error: Error): void;
}

export interface HelperProcess {
  readonly pid: number;
  ask(asked: Asked): void;
  /** What was asked is not wanted any more. It is answered all the same. */
  stop(id: number): void;
  /** Nothing is asked of it. */
  isIdle(): boolean;
  /** How long it has said nothing, while it is asked something. */
  silentMs(): number;
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

export const helperError = (message: string, path?: string): QwRunError =>
  new QwRunError('ERR_QW_HELPER', message, path ? { path } : {});

/** What was asked hangs, in a dead file system most often: whoever does it instead hangs there, too. */
export class HungError extends QwRunError {
  constructor(message: string, path: string) {
    super('ERR_QW_HELPER', message, path ? { path } : {});
  }
}

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

function control(child: ChildProcess, options: HelperOptions): HelperProcess {
  const pid = child.pid as number;
  const pipe = child.stdio[3] as Socket;
  const stderr = listenTo(child.stderr as Socket);
  const pending = new Map<number, Asked & { lists: Map<string, unknown[]> }>();
  let words = '';
  let isStuck = false;
  let isClosed = false;
  const silence = watchSilence(
    () => Math.min(...[...pending.values()].map(({ request }) => request.deadlineMs)),
    (ms) => hasBeenSilent(ms),
  );
  const settled = (id: number): void => {
    pending.delete(id);
    if (pending.size === 0) silence.stop();
    options.onAnswer();
  };
  const failAll = (fail: (asked: Asked) => void, which = (_asked: Asked) => true) => {
    for (const [id, asked] of pending) {
      if (!which(asked)) continue;
      settled(id);
      fail(asked);
    }
  };
  /** Those fail that do not wait longer; it is given up when nobody does. */
  const hasBeenSilent = (silentMs: number) => {
    const where = whereabouts(pid, stderr.place());
    const place = describePlace(where);
    const seconds = Math.round(silentMs / 1_000);
    const text = `the helper process (pid ${pid}) showed no sign of life for ${seconds} s`;
    const error = new HungError(`${text}${place && `: it hangs ${place}`}`, where.path);
    const isOver = ({ request }: Asked) => silentMs >= request.deadlineMs;
    if ([...pending.values()].every(isOver)) giveUp(where);
    failAll(({ reject }) => reject(error), isOver);
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
    silence.restart();
    if ('stuck' in message) {
      words = message.stuck;
      isStuck = true;
    }
    if (!('id' in message)) return;
    const asked = pending.get(message.id);
    if ('ready' in message) {
      const go = asked?.mayBegin() ?? false; // one that failed meanwhile holds up those behind it
      pipe.write(line({ id: message.id, go }));
      if (asked && !go) settled(message.id);
    }
    if (!asked) return;
    if ('queued' in message) asked.onQueued();
    if ('progress' in message) asked.onProgress(message.progress);
    if ('list' in message) add(asked.lists, message.list, message.items);
    if ('error' in message) asked.reject(asError(message.error));
    if ('result' in message) asked.resolve({ ...message.result, ...Object.fromEntries(asked.lists) });
    if ('error' in message || 'result' in message) settled(message.id);
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
    const error = isStuck ? new HungError(message, '') : helperError(message);
    options.onEnd();
    failAll(({ onEnd }) => onEnd(error));
  });
  for (const it of [child, pipe]) it.unref();
  return {
    pid,
    isIdle: () => pending.size === 0,
    silentMs: silence.ms,
    ask: (asked) => {
      pending.set(asked.request.id, { ...asked, lists: new Map() });
      silence.start();
      pipe.write(line(asked.request));
    },
    stop: (id) => {
      if (pending.has(id)) pipe.write(line({ id, stop: true }));
    },
    close,
  };
}

function add(lists: Map<string, unknown[]>, name: string, items: readonly unknown[]): void {
  const list = lists.get(name) ?? [];
  for (const item of items) list.push(item);
  lists.set(name, list);
}
