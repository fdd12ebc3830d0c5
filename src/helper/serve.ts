// What the helper process does: it answers what its server asks, each request by itself, and says four times a
// second that it is alive. When the pipe ends the server is gone, and so is whatever this was for: it ends in the
// middle of work. What it had claimed then is taken over by the next pass.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { announcePlaces } from './announce-places.js';
import { answerLines, asPlain, type Call, line, linesOf, type Message, type Request } from './protocol.js';
import { watchChildren } from './stuck-children.js';

export type Handlers = Record<
  Call,
  (input: never, onProgress: (progress: unknown) => void) => Promise<object>
>;

/** Serves until the pipe ends, then ends this process. */
export async function serve(pipe: Socket, handlers: Handlers): Promise<void> {
  const isNewPlace = announcePlaces();
  const say = (message: Message) => pipe.write(line(message));
  const deadlines = new Map<number, number>();
  const stuck = watchChildren();
  setInterval(() => {
    if (deadlines.size === 0) return;
    say({ alive: true });
    // Whose it is nobody knows here: each gets the time of who waits longest.
    const found = stuck(Math.max(...deadlines.values()));
    if (found !== undefined) pipe.end(line({ stuck: found }), () => process.exit(1));
  }, BEAT_MS).unref();
  pipe.on('error', () => process.exit(0)); // EPIPE: nobody listens any more
  for await (const text of linesOf(pipe)) void answer(JSON.parse(text) as Request);
  process.exit(0);

  async function answer({ id, call, input, deadlineMs }: Request): Promise<void> {
    deadlines.set(id, deadlineMs);
    isNewPlace();
    say({ id, begun: true });
    try {
      const result = await handlers[call](
        input as never,
        throttled((progress) => say({ id, progress })),
      );
      for (const text of answerLines(id, result)) if (!pipe.write(text)) await once(pipe, 'drain');
    } catch (error) {
      say({ id, error: asPlain(error) });
    } finally {
      deadlines.delete(id);
    }
  }
}

function throttled(tell: (progress: unknown) => void): (progress: unknown) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    tell(progress);
  };
}

const BEAT_MS = 250;
const PROGRESS_MS = 100;
