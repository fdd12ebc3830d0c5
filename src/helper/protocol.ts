// What a server and its helper process say to each other: one line of JSON a message, none longer than a
// limit. A long answer comes in pieces, list by list, so that neither side ever takes it apart in one go.
import type { Readable } from 'node:stream';
import { newYielder } from '../clock.js';
import { QwRunError, type QwRunErrorCode } from '../errors.js';

/** What a helper can be asked. */
export type Call = 'pass' | 'list' | 'rm' | 'remove' | 'later' | 'note' | 'receipts';

export interface Request {
  id: number;
  call: Call;
  input: unknown;
  /** So long without a sign of life, and it counts as hung. */
  deadlineMs: number;
}

export interface AskOptions {
  /** See `Request`. */
  deadlineMs: number;
  /** The process stays alive for the answer. Default true. */
  isAwaited?: boolean;
  /** Asked in vain where it has not begun after so long. */
  beginMs?: number;
  onProgress?: ((progress: never) => void) | undefined;
  /** Aborted: what is not removed by then stays. It is answered all the same. */
  signal?: AbortSignal | undefined;
}

/** The last word before it begins: whoever asked may have done it itself meanwhile. */
export interface Go {
  id: number;
  go: boolean;
}

/** What is asked is not wanted any more: no further thing is removed for it. */
export interface Stop {
  id: number;
  stop: true;
}

export type Message =
  | { alive: true }
  /** It gives up, and says why. */
  | { stuck: string }
  /** It is taken over, and waits for others of its kind. */
  | { id: number; queued: true }
  /** Its turn: it begins with the word of the server, a `Go`. */
  | { id: number; ready: true }
  | { id: number; progress: unknown }
  | { id: number; list: string; items: unknown[] }
  | { id: number; result: object }
  | { id: number; error: PlainError };

export interface PlainError {
  message: string;
  code?: string | undefined;
  path?: string | undefined;
  cause?: PlainError | undefined;
}

/** The lines of a stream; yields to the event loop in between. Throws when one is too long. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const yielder = newYielder();
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const pieces = (chunk as string).split('\n');
    pieces[0] = rest + pieces[0];
    rest = pieces.pop() ?? '';
    if (rest.length > MAX_LINE) throw new Error('a message is too long');
    for (const line of pieces) {
      yield line;
      if (yielder.isDue()) await yielder.yield();
    }
  }
}

/** An answer as lines: its lists first, each in pieces, then the rest. */
export function* answerLines(id: number, result: object): Generator<string> {
  const rest: Record<string, unknown> = {};
  for (const [list, value] of Object.entries(result)) {
    rest[list] = Array.isArray(value) ? [] : value;
    if (Array.isArray(value)) yield* listLines(id, list, value);
  }
  yield line({ id, result: rest });
}

function* listLines(id: number, list: string, items: readonly unknown[]): Generator<string> {
  const asLine = (texts: string[]) =>
    `{"id":${id},"list":${JSON.stringify(list)},"items":[${texts.join()}]}\n`;
  let texts: string[] = [];
  let length = 0;
  for (const item of items) {
    const text = JSON.stringify(item);
    if (text.length > MAX_LINE / 2) throw new Error(`an entry of ${list} is too long to be sent`);
    if (length > 0 && length + text.length > PIECE) {
      yield asLine(texts);
      texts = [];
      length = 0;
    }
    texts.push(text);
    length += text.length;
  }
  if (texts.length > 0) yield asLine(texts);
}

export const line = (message: Message | Request | Go | Stop): string => `${JSON.stringify(message)}\n`;

export const asPlain = (error: unknown): PlainError => {
  const { message = String(error), code, path, cause } = (error ?? {}) as Partial<PlainError>;
  return { message, code, path, ...(cause === undefined ? {} : { cause: asPlain(cause) }) };
};

export function asError({ message, code, path, cause: plain }: PlainError): Error {
  const cause = plain && { cause: asError(plain) };
  if (code?.startsWith('ERR_QW_'))
    return new QwRunError(code as QwRunErrorCode, message, {
      ...(path === undefined ? {} : { path }),
      ...cause,
    });
  return Object.assign(new Error(message, cause), { code, path });
}

const MAX_LINE = 16 * 1024 ** 2;
const PIECE = 32 * 1024;
