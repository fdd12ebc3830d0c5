// npm run stress -- --minutes 2 [--sessions 50] [--seed N]: concurrent sessions whose agents verify their files all the
// time while wrappers are SIGKILLed, pids look reused and three reapers run in a loop, with managers, guests, helpers and
// daemons of their own among them. Exits 1 unless nothing was lost, nobody was ended who should not be, nothing is left, and
// all of it did happen. The seed repeats the choices, not the scheduling of the processes.
import { rmSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { parseArgs } from 'node:util';
import { kill } from '../../helpers/processes.js';
import { scene } from '../../helpers/scene.js';
import { storm } from './storm.js';
import { FAULTS, PROOFS } from './tally.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    sessions: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const [minutes, sessions, seed] = [values.minutes, values.sessions, values.seed].map(Number) as [
  number,
  number,
  number,
];
if (![minutes, sessions, seed].every((number) => Number.isFinite(number) && number >= 0))
  throw new TypeError('--minutes, --sessions and --seed need numbers');

console.log(`${sessions} sessions for ${minutes} min, seed ${seed}`);
const undo: (() => void)[] = [];
const here = scene({ after: (action: () => void) => undo.push(action) } as unknown as TestContext);
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
// Processes first, until none is left that could start another. Watchdogs may still be at work in the directory.
process.once('exit', () => {
  for (let tries = 0; tries < 100 && here.processes().length > 0; tries += 1)
    for (const pid of here.processes()) kill(pid, 'SIGKILL');
  rmSync(here.box.dir, { recursive: true, force: true, maxRetries: 50, retryDelay: 50 });
  for (const action of undo) action();
});

const { complaints, kinds, ...tally } = await storm(here, {
  ms: minutes * 60_000,
  sessions,
  seed,
  lifeMs: 30_000,
});
for (const [name, count] of [...Object.entries(tally), ...Object.entries(kinds)])
  console.log(`${inWords(name).padEnd(28)}${count.toLocaleString('en').padStart(12)}`);
for (const complaint of complaints) console.error(complaint);
const isProven = PROOFS.every((count) => tally[count] > 0);
process.exit(isProven && FAULTS.every((fault) => tally[fault] === 0) ? 0 : 1);

function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
