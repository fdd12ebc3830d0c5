// What qw-run costs, each figure beside a peer's in the same run: prints the tables of docs/evidence/performance.md.
//   npm run bench -- [--only ROW]… [--runs N] [--node PATH]… [--cache DIR] [--small] [--write]
// --cache: a directory to install Node 20 and 24 into, whichever this is not. --small: a trial at a hundredth of the size.
// --write: puts each table into the document. Measures, and so exits with 0 also where a goal is missed.
import { parseArgs } from 'node:util';
import { writeSection } from '../../helpers/section.js';
import { type Node, nodeAt, nodeFromNpm, type Row, withBench } from './performance/bench.js';
import { endLarge } from './performance/end-large.js';
import { endSmall } from './performance/end-small.js';
import { exec } from './performance/exec.js';
import { exits } from './performance/exit.js';
import { idle } from './performance/idle.js';
import { judging } from './performance/judge.js';
import { legacyScan } from './performance/legacy.js';
import { list } from './performance/list.js';
import { loop } from './performance/loop.js';
import { machine } from './performance/machine.js';
import { memory } from './performance/memory.js';
import { reapLarge } from './performance/reap.js';
import { sweep } from './performance/sweep.js';
import { table } from './performance/table.js';
import { toChild } from './performance/to-child.js';
import { wholeRun } from './performance/whole-run.js';

const ROWS: Row[] = [
  wholeRun,
  exec,
  toChild,
  idle,
  endSmall,
  endLarge,
  exits,
  reapLarge,
  sweep,
  judging,
  legacyScan,
  list,
  memory,
  loop,
];
const MAJORS = [20, 24];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    runs: { type: 'string' },
    node: { type: 'string', multiple: true },
    cache: { type: 'string' },
    small: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const unknown = values.only?.find((name) => !ROWS.some((row) => row.name === name));
if (unknown) throw new Error(`no row ${unknown}; there are ${ROWS.map(({ name }) => name).join(', ')}`);

const nodes: Node[] = (values.node ?? [process.execPath]).map(nodeAt);
const has = (major: number) => nodes.some(({ name }) => name.startsWith(`Node ${major}.`));
if (values.cache !== undefined)
  for (const major of MAJORS) if (!has(major)) nodes.push(nodeFromNpm(major, values.cache));

// Where it is set, Node 20 reads a file of certificates at each start, which would make all that is compared look alike.
delete process.env['NODE_EXTRA_CA_CERTS'];

const options = {
  nodes,
  runs: (enough: number) => (values.runs === undefined ? enough : Number(values.runs)),
  size: (full: number) => (values.small ? Math.ceil(full / 100) : full),
  seconds: (full: number) => (values.small ? 0.2 : full),
};

tell('machine', machine(nodes));
for (const row of ROWS.filter(({ name }) => values.only?.includes(name) ?? true))
  tell(row.name, table(await withBench(options, row.measure)));

function tell(name: string, text: string): void {
  console.log(`\n${name}\n\n${text}`);
  if (values.write) writeSection('evidence/performance.md', name, text);
}
