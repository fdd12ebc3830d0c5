// How much memory a list takes, at most, where a session holds very many entries; beside a Node that does
// nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture, qwTmp } from '../../../helpers/paths.js';
import { forge } from '../../../helpers/reaping.js';
import type { Bench, Row } from './bench.js';
import { interleave } from './interleave.js';
import { idOf, ownedHere } from './sessions.js';
import type { Line } from './table.js';

/** Empty files in one directory. */
function names(dir: string, count: number): void {
  for (let at = 0; at < count; at += 1) writeFileSync(join(dir, `name-of-a-file-${at}`), '');
}

/** Second names of as many files, in directories of their own: each is met twice, the second time far later. */
function links(dir: string, count: number): void {
  const [first, second] = ['first', 'second'].map((name) => join(dir, name)) as [string, string];
  for (const path of [first, second]) mkdirSync(path);
  for (let at = 0; at < count / 2; at += 1) {
    writeFileSync(join(first, `${at}`), '');
    linkSync(join(first, `${at}`), join(second, `${at}`));
  }
}

const TREES: [what: string, make: (dir: string, count: number) => void, count: number][] = [
  ['names in one directory', names, 1_000_000],
  ['names of files with two', links, 1_000_000],
];

export const memory: Row = {
  name: 'memory',
  measure: async (bench) => {
    const lines: Line[] = [];
    for (const [what, make, count] of TREES) {
      const place = mkdtempSync(join(PLACE, 'q-'));
      try {
        const box = { ...bench.box, root: join(place, 'r') };
        const { tmpdir } = forge(box, idOf(0), { lease: { ...ownedHere('generic'), id: idOf(0) } });
        make(tmpdir, bench.size(count));
        lines.push(...(await listed(`${bench.size(count)} ${what}`, { ...bench, box })));
      } finally {
        rmSync(place, { recursive: true });
      }
    }
    return lines;
  },
};

async function listed(what: string, { nodes, box, runs }: Bench): Promise<Line[]> {
  const lines: Line[] = [];
  for (const { path, name } of nodes) {
    const most = (args: string[]) => () => {
      const all = ['--require', fixture('tell-memory.cjs'), ...args];
      const { stderr, status } = spawnSync(path, all, { cwd: box.cwd, env: box.env, encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      return Number(stderr) / 1_024;
    };
    const { ours, peer } = await interleave(
      { ours: most([qwTmp, 'list', '--json', '--root', box.root]), peer: most(['-e', '0']) },
      runs(3),
    );
    lines.push({
      what: `\`qw-tmp list\`, ${what}, ${name}`,
      against: '`node -e 0`',
      ours,
      peer,
      unit: 'MiB',
      goal: { is: 'more', limit: 64 },
    });
  }
  return lines;
}

/** In memory where that can be: it is the walk that is measured, not the disk. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : '/tmp';
