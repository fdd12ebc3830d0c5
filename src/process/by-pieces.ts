// What procfs has much of, read piece by piece with a yield after each: a process may have 19,000 descriptors
// and 60,000 mappings, a machine 50,000 sockets, and the kernel takes its time for each of them.
import { StringDecoder } from 'node:string_decoder';
import { attempt, fs, O_RDONLY } from '../fs.js';

/** Calls `use` with whole lines of a file, some at a time; not at all where it cannot be read. */
export function* eachPiece(path: string, use: (lines: string) => void): Generator<undefined, void> {
  const fd = attempt(() => fs.openSync(path, O_RDONLY));
  if (fd === undefined) return;
  const decoder = new StringDecoder('utf8');
  try {
    for (let rest = ''; ; yield) {
      const count = attempt(() => fs.readSync(fd, PIECE, 0, PIECE.length, null)) ?? 0;
      const text = rest + decoder.write(PIECE.subarray(0, count));
      const end = count === 0 ? text.length : text.lastIndexOf('\n') + 1;
      if (end > 0) use(text.slice(0, end));
      if (count === 0) return;
      rest = text.slice(end);
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Names in a directory; undefined where it cannot be read. */
export function* namesIn(dir: string): Generator<undefined, string[] | undefined> {
  const open = attempt(() => fs.opendirSync(dir, { bufferSize: NAMES }));
  if (open === undefined) return undefined;
  const names: string[] = [];
  try {
    for (;;) {
      const entry = attempt(() => open.readSync());
      if (entry === undefined) return undefined;
      if (entry === null) return names;
      if (names.push(entry.name) % NAMES === 0) yield;
    }
  } finally {
    open.closeSync();
  }
}

/** Taken apart before anybody else reads into it. */
const PIECE = Buffer.alloc(64 * 1024); // the kernel gives whole lines, of at most a page
const NAMES = 64;
