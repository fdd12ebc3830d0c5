// The end of a session whose TMPDIR holds as much as filled the disk once, beside `rm -rf` of the same tree. Written out before
// (sync): what is measured is removal, not the disk's writing.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { qwRun } from '../../../helpers/paths.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Bench, Node, Row } from './bench.js';
import { interleave, type Subject } from './interleave.js';
import { CLOCK, duration, story } from './runs.js';
import type { Line } from './table.js';
import { BYTES, copyTree, ENTRIES, makeTree, UNITS } from './trees.js';

const NO_WAIT = '--no-wait';

export const endLarge: Row = {
  name: 'large',
  measure: async (bench) => {
    const { box, nodes, runs, size } = bench;
    const template = join(box.dir, 'template');
    const [entries, units] = [size(ENTRIES), size(UNITS)];
    makeTree({ dir: template, entries, units, bytesEach: Math.round(size(BYTES) / (entries - units)) });
    const subjects: Record<string, Subject> = { rm: () => remove(template, bench) };
    const back: Record<string, number[]> = {};
    for (const node of nodes) {
      subjects[node.name] = () => end([], template, node, bench);
      if (!hasNoWait(node)) continue;
      const times: number[] = [];
      back[node.name] = times;
      subjects[node.name + NO_WAIT] = () => endWithoutWait(template, node, bench, times);
    }
    const times = await interleave(subjects, runs(20), { isCold: true });
    return nodes.flatMap(({ name }) => linesOf(name, times, back[name]));
  },
};

function linesOf(name: string, times: Record<string, number[]>, back: number[] | undefined): Line[] {
  const { [name]: ours = [], rm: peer = [], [name + NO_WAIT]: free = [] } = times;
  const waiting = `child's end to ours, ${name}`;
  const line: Line = {
    what: waiting,
    against: '`rm -rf`',
    ours,
    peer,
    unit: 'ms',
    goal: { is: 'times', limit: 1.1 },
  };
  if (back === undefined)
    return [line, { what: `with ${NO_WAIT}, ${name}`, skipped: 'qw-run has no such option' }];
  return [
    line,
    {
      ...line,
      what: `the same with \`${NO_WAIT}\``,
      against: '',
      ours: free,
      peer: [],
      goal: { is: 'at most', limit: 40 },
    },
    { ...line, what: `then, until the space is back`, ours: back, goal: undefined },
  ];
}

const hasNoWait = ({ path }: Node): boolean =>
  execFileSync(path, [qwRun, '--help'], { encoding: 'utf8' }).includes(NO_WAIT);

/** ms from the child's last word until the wrapper was waited for. */
function end(flags: string[], template: string, { path }: Node, { box }: Bench): number {
  const fill = `cp -a '${template}/.' "$TMPDIR" && sync -f "$TMPDIR" && exec ${CLOCK.join(' ')}`;
  const args = [qwRun, ...flags, 'sh', '-c', fill];
  return story({ file: path, args, cwd: box.cwd, env: box.env }).fromChild;
}

async function endWithoutWait(template: string, node: Node, bench: Bench, back: number[]): Promise<number> {
  const ms = end([NO_WAIT], template, node, bench);
  const since = performance.now();
  await waitUntil('the space is back', () => bench.box.left().length === 0, { timeoutMs: 60_000 });
  back.push(performance.now() - since);
  return ms;
}

function remove(template: string, { box }: Bench): number {
  const copy = join(box.dir, 'copy');
  copyTree(template, copy);
  execFileSync('sync', ['-f', copy]);
  return duration({ file: 'rm', args: ['-rf', copy], cwd: box.cwd, env: box.env });
}
