// npm run soak [-- --days 10 --minutes 5 --seed N --write]: prints, as markdown, what a server and everything around it took over the
// days; with --write into docs/evidence/reliability.md. Exits 1 when something was lost or left, or is not flat.
import type { TestContext } from 'node:test';
import { parseArgs } from 'node:util';
import { scene } from '../../helpers/scene.js';
import { markdown, writeSection } from '../../helpers/section.js';
import { judge, type Measure, type Sample, type Verdict } from './flat.js';
import { soak, type Tally } from './soak-run.js';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    write: { type: 'boolean', default: false },
  },
});
const [days, minutes, seed] = [values.days, values.minutes, values.seed].map(Number) as [
  number,
  number,
  number,
];
if (!(days > 0 && minutes > 0 && seed >= 0)) throw new TypeError('--days, --minutes and --seed need numbers');

const undo: (() => void)[] = [];
const here = scene({ after: (action: () => void) => undo.push(action) } as unknown as TestContext);
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => {
  for (const action of undo.reverse()) action();
});
const NAMES: Record<Measure, string> = {
  rss: 'MiB of the server',
  descriptors: 'its descriptors',
  watchdogs: 'watchdogs',
  sessions: 'sessions in the root',
  trash: 'in its trash',
  entries: 'all below the root',
  state: 'state directory',
};
const shown = (measure: Measure, value: number): string =>
  measure === 'rss' ? (value / 2 ** 20).toFixed(1) : value.toLocaleString('en');

console.error(`${days} days in ${minutes} min, seed ${seed}`);
const { samples, tally, complaints } = await soak(here, { days, realMs: minutes * 60_000, seed });
const verdicts = judge(samples);
const text = [
  byDay(samples),
  halves(verdicts),
  `${told(tally)} ${complaints.length} lost, failed or left. ${days} days in ${minutes} min, seed ${seed}, Node ${process.versions.node}.`,
].join('\n\n');
console.log(text);
for (const complaint of complaints) console.error(complaint);
const isWell = complaints.length === 0 && verdicts.every(({ isFlat }) => isFlat);
if (values.write && isWell) writeSection('evidence/reliability.md', 'soak', text);
process.exit(isWell ? 0 : 1);

/** One sample a day. */
function byDay(all: readonly Sample[]): string {
  const ends = all
    .filter(({ hour }) => hour <= days * 24)
    .filter(({ hour }, at) => Math.floor(hour / 24) !== Math.floor((all[at + 1]?.hour ?? Infinity) / 24));
  const head = ['day', ...verdicts.map(({ measure }) => NAMES[measure])];
  const rows = ends.map((it) => [
    `${Math.ceil(it.hour / 24)}`,
    ...verdicts.map(({ measure }) => shown(measure, it[measure])),
  ]);
  return markdown(head, rows);
}

function halves(all: readonly Verdict[]): string {
  const head = ['median', 'first half', 'second half', ''];
  const rows = all.map(({ measure, first, second, isFlat }) => [
    NAMES[measure],
    shown(measure, first),
    shown(measure, second),
    isFlat ? 'flat' : 'NOT FLAT',
  ]);
  return markdown(head, rows);
}

function told(it: Tally): string {
  return Object.entries(it)
    .map(
      ([name, count]) =>
        `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}: ${count.toLocaleString('en')}.`,
    )
    .map((line) => line[0]?.toUpperCase() + line.slice(1))
    .join(' ');
}
