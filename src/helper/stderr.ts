// What a helper process says on stderr: where it is at work, and why it ends.
import type { Socket } from 'node:net';
import { AT } from './announce-places.js';

/** `place`: the last one that it named. `why`: the reason of its end, as far as it said. */
export function listenTo(stderr: Socket): { place(): string; why(): string } {
  let place = '';
  let tail = '';
  let rest = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()?.slice(-MAX_TAIL) ?? '';
    for (const line of lines) {
      if (line.startsWith(AT)) place = line.slice(AT.length);
      else tail = `${tail}${line}\n`.slice(-MAX_TAIL);
    }
  });
  stderr.on('error', () => {});
  stderr.unref();
  return { place: () => place, why: () => reasonIn(tail) };
}

const reasonIn = (tail: string): string =>
  /heap (limit|out of memory)/i.test(tail)
    ? 'it took more memory than it may'
    : (/^\w*Error.*$/m.exec(tail)?.[0] ?? '');

const MAX_TAIL = 8_192;
