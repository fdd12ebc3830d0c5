// Sweeping a living session by age, half of its units stale throughout, the other half fresh: in a server and by the command,
// beside two cleaners that age files. Theirs go by mtime, which can be set; ours by ctime too, so for us the clock is.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { reap } from 'qw-run';
import { qwTmp } from '../../../helpers/paths.js';
import { forge, HOUR, shifted } from '../../../helpers/reaping.js';
import type { Bench, Row } from './bench.js';
import { interleave, type Subject } from './interleave.js';
import { ask, duration } from './runs.js';
import { idOf, ownedHere } from './sessions.js';
import type { Line } from './table.js';
import { copyTree, ENTRIES, makeTree, removeTree, setTimes, UNITS } from './trees.js';

const script = fileURLToPath(import.meta.url);
const LATER_MS = 80 * HOUR;
const ID = idOf(0);
/** By what Debian and Fedora call them. */
const PEERS = ['systemd-tmpfiles', 'tmpreaper'] as const;

export const sweep: Row = {
  name: 'sweep',
  measure: async (bench) => {
    const { box, nodes, runs } = bench;
    const forUs = template('later', Date.now() + LATER_MS, Date.now(), bench);
    const forThem = template('now', Date.now(), Date.now() - LATER_MS, bench);
    const env = { ...box.env, ...shifted({ laterMs: LATER_MS }) };
    const subjects: Record<string, Subject> = {};
    for (const { path, name } of nodes) {
      subjects[`in a server, ${name}`] = () =>
        ours(forUs, bench, () => ask<number>(path, [script, box.root], { cwd: box.cwd, env }));
      subjects[`by the command, ${name}`] = () =>
        ours(forUs, bench, () =>
          duration({ file: path, args: [qwTmp, 'reap', '--root', box.root], cwd: box.cwd, env }),
        );
    }
    const peers = PEERS.filter(isHere);
    for (const peer of peers) subjects[peer] = () => theirs(peer, forThem, bench);
    const times = await interleave(subjects, runs(20), { isCold: true });
    return nodes.flatMap(({ name }) =>
      (['in a server', 'by the command'] as const).flatMap((how) =>
        compare(`${how}, ${name}`, GOALS[how], times),
      ),
    );
  },
};

const GOALS = {
  'in a server': { 'systemd-tmpfiles': 1.5, tmpreaper: 0.5 },
  'by the command': { 'systemd-tmpfiles': 2, tmpreaper: 0.5 },
};

const compare = (
  what: string,
  limits: Record<(typeof PEERS)[number], number>,
  times: Record<string, number[]>,
): Line[] =>
  PEERS.map((peer) => {
    const { [what]: ours = [], [peer]: theirs } = times;
    if (!theirs) return { what: `${what}, against ${peer}`, skipped: `there is no ${peer} here` };
    const goal = { is: 'times', limit: limits[peer] } as const;
    return { what, against: `\`${peer}\``, ours, peer: theirs, unit: 'ms', goal };
  });

const isHere = (program: string): boolean =>
  spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;

/** A tree with every second unit fresh, the others stale. */
function template(name: string, fresh: number, stale: number, { box, size }: Bench): string {
  const dir = join(box.dir, name);
  makeTree({ dir, entries: size(ENTRIES), units: size(UNITS) }).forEach((unit, at) => {
    for (const file of ['.', ...readdirSync(unit)].reverse())
      setTimes(join(unit, file), at % 2 ? stale : fresh);
  });
  return dir;
}

function ours(tree: string, { box }: Bench, measure: () => number): number {
  const { dir, tmpdir } = forge(box, ID, { lease: { ...ownedHere('claude'), id: ID }, files: [] });
  const project = join(tmpdir, `claude-${process.getuid?.()}/-p`);
  copyTree(tree, project);
  const ms = measure();
  check(readdirSync(project).length, readdirSync(tree).length);
  removeTree(dir);
  return ms;
}

function theirs(peer: (typeof PEERS)[number], tree: string, { box }: Bench): number {
  const dir = join(box.dir, 'aged');
  copyTree(tree, dir);
  const rule = join(box.dir, 'rule.conf');
  writeFileSync(rule, `e ${dir} - - - m:72h\n`);
  const args = peer === 'tmpreaper' ? ['--mtime', '--runtime=0', '72h', dir] : ['--clean', rule];
  const ms = duration({ file: peer, args, cwd: box.cwd, env: box.env });
  const filled = readdirSync(dir).filter((unit) => readdirSync(join(dir, unit)).length > 0);
  check(filled.length, readdirSync(tree).length);
  removeTree(dir);
  return ms;
}

function check(left: number, units: number): void {
  if (left !== Math.ceil(units / 2)) throw new Error(`${left} of ${units} units are left`);
}

if (argv[1] === script) {
  const since = performance.now();
  await reap({ root: argv[2] as string, maxAge: '72h' });
  console.log(performance.now() - since);
}
