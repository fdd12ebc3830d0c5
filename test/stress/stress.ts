// npm run stress -- --minutes 2 [--sessions 50] [--seed N]: concurrent sessions whose agents verify their files all the
// time while wrappers are SIGKILLed, pids look reused and three reapers run in a loop. Exits 1 unless nothing was lost
// and nothing is left. The seed repeats the choices, not the scheduling of the processes.
import type { TestContext } from 'node:test';
import { parseArgs } from 'node:util';
import { scene } from '../helpers/scene.js';
import { storm } from './storm.js';

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
process.once('exit', () => {
  for (const action of undo.reverse()) action();
});

const { complaints, ...tally } = await storm(here, { ms: minutes * 60_000, sessions, seed, lifeMs: 30_000 });
for (const [name, count] of Object.entries(tally))
  console.log(`${inWords(name).padEnd(28)}${count.toLocaleString('en').padStart(12)}`);
for (const complaint of complaints) console.error(complaint);
const { filesLost, directoriesLeft, processesLost, reapersFailed, agentsStarted, reaps } = tally;
const isProven = agentsStarted > 0 && reaps > 0;
process.exit(isProven && filesLost + directoriesLeft + processesLost + reapersFailed === 0 ? 0 : 1);

function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
