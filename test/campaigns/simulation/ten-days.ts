// npm run simulate [-- --days 10 --entries 6337 --sessions 10 --seed N]: prints, as markdown, how many entries and bytes there
// are with qw-run and its hourly reaper, and without. Exits 1 when the curve with it is not flat.
import type { TestContext } from 'node:test';
import { parseArgs } from 'node:util';
import { sandbox } from '../../helpers/sandbox.js';
import { type Amount, type Point, simulate } from './simulate.js';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '10' },
    entries: { type: 'string', default: '6337' },
    sessions: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const HEIGHT = 16; // lines of the plot
const days = Number(values.days);
const undo: (() => void)[] = [];
const box = sandbox({ after: (action: () => void) => undo.push(action) } as unknown as TestContext);
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => {
  for (const action of undo.reverse()) action();
});

const startedAt = performance.now();
const { curve, lost, failed, left, leftUnwrapped } = await simulate(box, {
  days,
  entriesPerDay: Number(values.entries),
  sessionsPerDay: Number(values.sessions),
  seed: Number(values.seed),
  isIdleAtEnd: false,
});
const number = (value: number) => Math.round(value).toLocaleString('en');
const mib = ({ bytes }: Amount) => number(bytes / 2 ** 20);

console.log('| day | sessions | entries without | MiB without | entries with | MiB with | reaped | swept |');
console.log('|---|---|---|---|---|---|---|---|');
for (const { hour, sessions, without, with: ours, reaped, swept } of curve.filter(
  ({ hour }) => hour % 24 === 0,
))
  console.log(
    `| ${hour / 24} | ${sessions} | ${number(without.entries)} | ${mib(without)} | ${number(ours.entries)} | ${mib(ours)} | ${number(reaped)} | ${number(swept)} |`,
  );
console.log(
  `\nEntries, every six hours: \`#\` without qw-run, \`o\` with it.\n\n\`\`\`\n${plot(curve)}\n\`\`\`\n`,
);
console.log(
  `Reaped and swept: entries since the first day; the rest went when their session ended. ` +
    `Young files lost in living sessions: ${lost.length}. Failures: ${failed.length}. ` +
    `After the last session: ${left.length} entries in the root, ${leftUnwrapped} in the shared directory of those agents (one session in 20) ` +
    `that were started without qw-run; theirs go at 72 h, except \`tmp.*\` and the directories above the sessions. ` +
    `Seed ${values.seed}, ${number((performance.now() - startedAt) / 1000)} s.`,
);
const isFlat = most(curve.slice(curve.length / 2)) <= 1.5 * most(curve.slice(0, curve.length / 2));
for (const problem of [...lost, ...failed, ...left, ...(isFlat ? [] : ['the curve is not flat'])])
  console.error(problem);
process.exit(isFlat && lost.length + failed.length + left.length === 0 ? 0 : 1);

function most(points: readonly Point[]): number {
  return Math.max(...points.map(({ with: ours }) => ours.entries));
}

function plot(points: readonly Point[]): string {
  const highest = Math.max(...points.map(({ without }) => without.entries));
  const lines: string[] = [];
  for (let row = HEIGHT; row >= 0; row -= 1) {
    const isOn = ({ entries }: Amount) => Math.round((entries / highest) * HEIGHT) === row;
    const marks = points.map(({ without, with: ours }) => (isOn(ours) ? 'o' : isOn(without) ? '#' : ' '));
    lines.push(`${number((highest * row) / HEIGHT).padStart(9)} |${marks.join('')}`.trimEnd());
  }
  const axis = points.map(({ hour }) => (hour % 24 === 0 ? '+' : '-')).join('');
  return [...lines, `${' '.repeat(9)} +${axis} ${days} days`].join('\n');
}
