// The parts of the conformance suite: their files, who has to run them, and the head of their tables.
import { markdown } from '../../helpers/section.js';

export interface Row {
  table: string;
  cells: string[];
}

export interface Section {
  /** Also the name of its marker in docs/evidence/reliability.md and of its rows. */
  name: string;
  /** Below `.build`, without `.test.js`. */
  files: string[];
  needs: 'user' | 'root';
  /** Without one, each test is a row of its own. */
  head?: string[];
  /** Head of the tables `name: …` behind it. */
  detail?: string[];
}

export const SECTIONS: readonly Section[] = [
  {
    name: 'crash',
    files: [
      'campaigns/conformance/crash',
      'campaigns/conformance/remover-crash',
      'campaigns/conformance/strace-crash',
    ],
    needs: 'user',
    head: ['SIGKILL before each step of', 'steps', 'anything lost, left or touched'],
    detail: ['#', 'killed before', 'on the disk then', 'after one reap'],
  },
  {
    name: 'two-actors',
    files: [
      'campaigns/conformance/two-actors',
      'campaigns/conformance/two-actors-looks',
      'campaigns/conformance/two-actors-used',
      'campaigns/conformance/two-actors-meddled',
    ],
    needs: 'user',
    head: ['stopped', 'meanwhile', 'tries', 'anything lost, left, touched or told wrongly'],
  },
  {
    name: 'faults',
    files: ['campaigns/conformance/faults'],
    needs: 'user',
    head: ['way', 'error', 'calls made to fail', 'as it has to be'],
  },
  {
    name: 'swaps',
    files: ['campaigns/conformance/swaps', 'campaigns/conformance/swaps-looks'],
    needs: 'user',
    head: ['for', 'swaps', 'sessions measured and removed', 'reaper passes', 'changes outside'],
  },
  {
    name: 'growing',
    files: ['campaigns/conformance/growing'],
    needs: 'user',
    head: ['what', 'entries made meanwhile', 'came of it'],
  },
  {
    name: 'forged',
    files: ['campaigns/conformance/forged-leases'],
    needs: 'user',
    head: ['what', 'leases', 'sessions removed', 'members ended', 'touched outside, or others signalled'],
  },
  { name: 'trees', files: ['remove/remove-tree.hostile', 'campaigns/conformance/big-trees'], needs: 'user' },
  {
    name: 'trees-as-root',
    files: [
      'as-root/mounts',
      'as-root/mounts-and-others',
      'as-root/immutable-files',
      'as-root/foreign-files',
    ],
    needs: 'root',
  },
  { name: 'neighbours', files: ['as-root/foreign-root', 'as-root/foreign-root-reaper'], needs: 'root' },
  {
    name: 'terminal',
    files: ['campaigns/conformance/terminal'],
    needs: 'user',
    head: ['what', 'tried', 'raw control characters'],
  },
  {
    name: 'load',
    files: ['campaigns/conformance/load'],
    needs: 'user',
    head: ['what', 'how many', 'came of it'],
  },
];

/** Its rows as markdown, and how long it took. */
export function tableOf(
  { name, head = ['what', 'result', 's'], detail }: Section,
  rows: readonly Row[],
  { tap, seconds }: { tap: string; seconds: number },
): string {
  const own = rows.filter(({ table }) => table === name).map(({ cells }) => cells);
  const cells = own.length > 0 ? own : testsOf(tap);
  const further =
    detail === undefined ? [] : [...new Set(rows.map(({ table }) => table))].filter((it) => it !== name);
  const details = further.map((table) => {
    const own = rows.filter((it) => it.table === table).map((it) => it.cells);
    return `\n\n<details><summary>${table}</summary>\n\n${markdown(detail ?? [], own)}\n\n</details>`;
  });
  return `${markdown(head, cells)}\n\n${seconds} s, Node ${process.versions.node}.${details.join('')}`;
}

/** Every single test of a TAP stream (not the suites around them), with its result and seconds. */
function testsOf(tap: string): string[][] {
  const matches = tap.matchAll(
    /^ *(not )?ok \d+ - (.*)\n +---\n +duration_ms: ([\d.]+)(\n +type: 'suite')?/gm,
  );
  return [...matches]
    .filter(([, , , , suite]) => suite === undefined)
    .map(([, not, title = '', ms]) => {
      const [what = '', skipped] = title.split(' # SKIP');
      const result = skipped === undefined ? (not ? 'FAILED' : 'as it has to be') : `skipped:${skipped}`;
      return [what, result, (Number(ms) / 1_000).toFixed(1)];
    });
}
