// Asks find(1) which units hold something fresh: it goes through a large tree three times as fast as we do, in a process of its own.
// Its answer only ever keeps a unit. What it does not name, also where there is no GNU find, is examined by ourselves.
import { bareEnv } from '../process/bare-env.js';
import { launch } from '../process/launch.js';

/** Those of `units` with a file used after `freshAfter`, ms since 1970. */
export async function freshUnits(units: readonly string[], freshAfter: number): Promise<Set<string>> {
  const fresh = new Set<string>();
  for (const batch of batches(units)) for (const unit of await ask(batch, freshAfter)) fresh.add(unit);
  return fresh;
}

function ask(units: readonly string[], freshAfter: number): Promise<Set<string>> {
  const after = `@${Math.ceil(freshAfter / 1_000)}`; // never before: what it names is fresh to us too
  const isUsed = ['-newerct', after, '-o', '-newermt', after, '-o', '-newerat', after];
  const args = ['-P', ...units, '!', '-type', 'd', '(', ...isUsed, ')', '-printf', '%H\\0'];
  return new Promise((resolve) => {
    const fresh = new Set<string>();
    const options = { cwd: '/', detached: true, env: bareEnv({ LC_ALL: 'C' }) } as const;
    const child = launch('find', args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }, () =>
      resolve(fresh),
    );
    let rest = '';
    child?.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const names = (rest + chunk).split('\0');
      rest = names.pop() ?? '';
      for (const name of names) fresh.add(name);
    });
    child?.on('close', () => resolve(fresh));
  });
}

/** As many at a time as surely fit on a command line. */
function* batches(units: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const unit of units) {
    bytes += Buffer.byteLength(unit) + 1;
    if (bytes > MAX_BYTES && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = Buffer.byteLength(unit) + 1;
    }
    batch.push(unit);
  }
  if (batch.length > 0) yield batch;
}

const MAX_BYTES = 100_000; // ARG_MAX is 128 KiB at least on Linux, the environment included
