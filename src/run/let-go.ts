// Closes our side of an agent's pipes once it has exited and its session has ended. What it wrote is in the
// pipes by then and is read first; whoever else has them open would keep us waiting for good.
import type { Readable } from 'node:stream';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';

/** The pipes of a subprocess, and what comes of its transforms; each is left as it is where nobody reads. */
export async function letGo({ stdio }: { stdio: readonly unknown[] }): Promise<void> {
  await Promise.all(stdio.filter(isPipe).map(closeOnceEmpty));
}

/** A socket of ours, not the stream of a transform: it says how much was read of it. */
type Pipe = Readable & { bytesRead: number; _handle?: { readStop?(): unknown } | null };

const isPipe = (stream: unknown): stream is Pipe =>
  (stream as Pipe | null)?.readable === true && typeof (stream as Pipe).bytesRead === 'number';

/**
 * Each turn of the event loop reads a pipe that is not held back as far as it goes: some turns without a byte
 * mean that it is empty. Who goes on writing does not hold us: no pipe is as large as that.
 */
async function closeOnceEmpty(pipe: Pipe): Promise<void> {
  const first = pipe.bytesRead;
  let last = first;
  for (let idle = 0; idle < IDLE_TURNS && pipe.bytesRead - first < LARGEST_PIPE; ) {
    if (pipe.closed || pipe.readableEnded) return;
    // Whoever reads it is busy: not for us to keep this process alive.
    await (isRead(pipe) ? turn() : pause(BUSY_MS, undefined, { ref: false }));
    const isIdle = isRead(pipe) && pipe.bytesRead === last && pipe.readableLength === 0;
    idle = isIdle ? idle + 1 : 0;
    last = pipe.bytesRead;
  }
  // As when the last writer has closed it: a reader hears of an end, not of a failure.
  pipe._handle?.readStop?.();
  pipe.push(null);
  pipe.read(0);
}

/** Whoever wants its data has not stopped it. */
const isRead = (pipe: Pipe): boolean => pipe.readableFlowing === true || pipe.listenerCount('readable') > 0;

const IDLE_TURNS = 3;
const BUSY_MS = 20;
const LARGEST_PIPE = 2 ** 20; // a socket takes 208 KiB unless somebody asks for more
