// What the helper process does: it answers what its server asks, each request by itself, and says four times
// a second that it is alive. When the pipe ends the server is gone, and so is whatever this was for: it ends
// in the middle of work. What it had claimed then is taken over by the next pass.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { monotonicMs } from '../clock.js';
import { announcePlaces } from './announce-places.js';
import {
  answerLines,
  asPlain,
  type Call,
  type Go,
  line,
  linesOf,
  type Message,
  type Request,
  type Stop,
} from './protocol.js';
import { watchChildren } from './stuck-children.js';

/** What is asked with each call. */
type Inputs = Record<Call, unknown>;

export type Handlers<I extends Inputs> = {
  [C in keyof I]: (
    input: I[C],
    onProgress: (progress: unknown) => void,
    isWanted: () => boolean,
  ) => Promise<object>;
};

/** Our own server's: it is not checked. */
type Asked<I extends Inputs, C extends Call> = Request & { call: C; input: I[C] };

/** Serves until the pipe ends, then ends this process. */
export async function serve<I extends Inputs>(pipe: Socket, handlers: Handlers<I>): Promise<void> {
  const isNewPlace = announcePlaces();
  const say = (message: Message) => pipe.write(line(message));
  const deadlines = new Map<number, number>();
  /** Of those that are ready. */
  const words = new Map<number, (isGo: boolean) => void>();
  const stopped = new Set<number>();
  const removals = slots(MOST_REMOVALS);
  const stuck = watchChildren();
  setInterval(() => {
    if (deadlines.size === 0) return;
    say({ alive: true });
    // Whose it is nobody knows here: each gets the time of who waits longest.
    const found = stuck(Math.max(...deadlines.values()));
    if (found !== undefined) pipe.end(line({ stuck: found }), () => process.exit(1));
  }, BEAT_MS).unref();
  pipe.on('error', () => process.exit(0)); // EPIPE: nobody listens any more
  for await (const text of linesOf(pipe)) {
    const heard = JSON.parse(text) as Asked<I, Call> | Go | Stop;
    if ('stop' in heard) stopped.add(heard.id);
    else if ('go' in heard) words.get(heard.id)?.(heard.go);
    else void answer(heard);
  }
  process.exit(0);

  async function answer(request: Asked<I, Call>): Promise<void> {
    const { id, call, deadlineMs } = request;
    const isLimited = call === 'remove';
    deadlines.set(id, deadlineMs);
    if (isLimited && !removals.areFree()) say({ id, queued: true });
    if (isLimited) await removals.take();
    if (await isWanted(id)) await carryOut(request);
    if (isLimited) removals.give();
    deadlines.delete(id);
    stopped.delete(id);
  }

  async function isWanted(id: number): Promise<boolean> {
    say({ id, ready: true });
    const isGo = await new Promise<boolean>((resolve) => words.set(id, resolve));
    words.delete(id);
    return isGo;
  }

  async function carryOut<C extends Call>({ id, call, input }: Asked<I, C>): Promise<void> {
    isNewPlace();
    const progress = throttled((it) => say({ id, progress: it }));
    try {
      const result = await handlers[call](input, progress.report, () => !stopped.has(id));
      progress.flush();
      for (const text of answerLines(id, result)) if (!pipe.write(text)) await once(pipe, 'drain');
    } catch (error) {
      say({ id, error: asPlain(error) });
    }
  }
}

/** What comes too soon after another waits for the next one, or for `flush`. */
function throttled(say: (progress: unknown) => void) {
  let saidAt = Number.NEGATIVE_INFINITY;
  let unsaid: { progress: unknown } | undefined;
  const flush = () => {
    if (unsaid) say(unsaid.progress);
    unsaid = undefined;
    saidAt = monotonicMs();
  };
  const report = (progress: unknown) => {
    unsaid = { progress };
    if (monotonicMs() - saidAt >= PROGRESS_MS) flush();
  };
  return { report, flush };
}

/** So many at a time; those that wait come one after the other. */
function slots(count: number) {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    areFree: () => free > 0,
    take: async () => {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    give: () => {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
  };
}

/** Each starts an `rm`; more of them at once are no sooner done. */
const MOST_REMOVALS = 2;
const BEAT_MS = 250;
const PROGRESS_MS = 100;
