// Many processes that write into one log at the same time, some of which are killed in the middle; and whether all of it is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseReceipt } from '#src/receipt/line.js';
import type { SessionReceipt } from '#src/receipt/receipt.js';
import { start } from './cli.js';
import { fixture } from './paths.js';
import { killed } from './reaping.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface LogStorm {
  /** XDG_STATE_HOME. */
  state: string;
  /** Each writes so many lines. */
  writers: number;
  lines: number;
  /** So many more write until they are killed. */
  victims: number;
}

export interface Stormed {
  /** Ids of the receipts in the log, in their order. */
  found: string[];
  /** Those that writers say they have written, of who was not killed. */
  written: string[];
  /** Lines that are no receipts. */
  torn: string[];
}

export async function logStorm(here: Scene, { state, writers, lines, victims }: LogStorm): Promise<Stormed> {
  const log = join(state, 'qw-run/log');
  const go = join(here.box.dir, 'go');
  const writer = (number: number, count: number, length: number) =>
    start(fixture('log-writer.mjs'), [state, `${number}`, `${count}`, go, `${length}`], here.options);
  const lasting = Array.from({ length: writers }, (_, number) => writer(number, lines, 3_000));
  const dying = Array.from({ length: victims }, (_, number) => writer(writers + number, 0, 100));
  for (const one of [...lasting, ...dying]) await one.says('ready');
  writeFileSync(go, '');
  if (victims > 0) {
    await waitUntil('they are in the middle of it', () => existsSync(log) && statSync(log).size > 64 * 1024);
    await Promise.all(dying.map(({ pid }) => killed(pid)));
  }
  const ends = await Promise.all(lasting.map(({ done }) => done));
  for (const { code, stderr } of ends) assert.deepEqual([code, stderr], [0, '']);
  const written = ends.flatMap(({ stdout }) => /^wrote (.*)$/m.exec(stdout)?.[1]?.split(' ') ?? []);
  return { ...read(log), written: written.filter(Boolean) };
}

function read(log: string): Omit<Stormed, 'written'> {
  const all = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  const ids = all.map((line) => (parseReceipt(line) as SessionReceipt | undefined)?.id);
  return {
    found: ids.filter((id) => id !== undefined),
    torn: all.filter((_, at) => ids[at] === undefined),
  };
}

/** Each line of a writer is there once, in its order, and what was written is there. */
export function isWhole({ found, written, torn }: Stormed, mostTorn: number): void {
  assert.ok(torn.length <= mostTorn, `${torn.length} lines are torn: ${torn[0]}`);
  for (const writer of new Set(found.map((id) => id.slice(0, 3)))) {
    const ids = found.filter((id) => id.startsWith(writer));
    assert.deepEqual(ids, [...new Set(ids)].sort());
  }
  const there = new Set(found);
  assert.deepEqual(
    written.filter((id) => !there.has(id)),
    [],
  );
}
