// npm run show:servers [-- --files 63000 --restarts 20 --only 'kill -9']: what happens to a server's agents, without qw-run and with it:
// the example server both times, once with a stand-in for qw-run that does what QuadWork 1.x does without it. Exits 1 where with
// qw-run something is left.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Outcome, perform } from './servers/perform.js';
import { noVolume, SCENARIOS } from './servers/scenarios.js';
import type { Side } from './servers/stage.js';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '2000' },
    restarts: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
  },
});
const sizes = { files: Number(values.files), restarts: Number(values.restarts) };
if (!Object.values(sizes).every((number) => Number.isInteger(number) && number > 0))
  throw new TypeError('--files and --restarts need whole numbers');
const noSpace = noVolume();
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

console.log(
  `Node ${process.versions.node}, ${sizes.restarts} restarts, ${sizes.files} files; grace period 1 s\n`,
);
console.log(
  '| | | processes left | bytes left | ms | longest delay of its event loop, ms | load | the server says |',
);
console.log('|---|---|---|---|---|---|---|---|');
for (const scenario of SCENARIOS.filter(({ name }) => name.includes(values.only)))
  for (const side of ['without', 'with'] as const) {
    if (noSpace && scenario.name.includes('full')) console.log(`| ${scenario.name} | ${side} | ${noSpace} |`);
    else console.log(row(scenario.name, side, await perform(scenario, side, sizes)));
  }

function row(name: string, side: Side, { processes, bytes, ms, lateMs, note }: Outcome): string {
  if (side === 'with' && processes + bytes > 0) process.exitCode = 1;
  const late = lateMs === undefined ? '' : lateMs.toFixed(0);
  // The stand-in knows nothing of what is left.
  const says = side === 'with' ? note : (note.split(';')[0] ?? '');
  const load = (loadavg()[0] ?? 0).toFixed(0);
  const cells = [name, side, processes, bytes.toLocaleString('en'), ms.toFixed(0), late, load, says];
  return `| ${cells.join(' | ')} |`;
}
