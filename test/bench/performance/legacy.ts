// What agents left without us, in units each kept by a single file, the one that is looked at last: every entry has to be looked
// at. Beside find(1), which looks at every entry too.

import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { agentProfiles } from '#src/backends/profiles.js';
import { fs } from '#src/fs.js';
import { sweepLegacy } from '#src/reap/legacy.js';
import { HOUR, shifted } from '../../helpers/reaping.js';
import type { Bench, Row } from './bench.js';
import { interleave, type Subject } from './interleave.js';
import { ask, duration } from './runs.js';
import type { Line } from './table.js';
import { ENTRIES, makeTree, setTimes, UNITS } from './trees.js';

const script = fileURLToPath(import.meta.url);
const LATER_MS = 80 * HOUR;

interface Scan {
  ms: number;
  stale: number;
}

export const legacyScan: Row = {
  name: 'legacy',
  measure: async (bench) => {
    const { box, nodes, runs, size } = bench;
    const tree = join(box.dir, 'legacy');
    const units = makeTree({
      dir: join(tree, `claude-${process.getuid?.()}/-p`),
      entries: size(ENTRIES),
      units: size(UNITS),
    });
    for (const last of lastOfEach(units, tree, bench)) setTimes(last, Date.now() + LATER_MS);
    const find = ['find', tree, '-newermt', `@${Math.round((Date.now() + 8 * HOUR) / 1_000)}`];
    const subjects: Record<string, Subject> = {
      find: () => duration({ file: 'find', args: find.slice(1), cwd: box.cwd, env: box.env }),
    };
    for (const { path, name } of nodes)
      subjects[name] = () => {
        const { ms, stale } = ask<Scan>(path, [script, tree], { ...box, env: later(bench) });
        if (stale !== 0) throw new Error('a unit that holds something fresh would have gone');
        return ms;
      };
    const times = await interleave(subjects, runs(20));
    return nodes.map(
      ({ name }): Line => ({
        what: `${size(ENTRIES)} entries in ${units.length} units, ${name}`,
        against: '`find -newermt`',
        ours: times[name] ?? [],
        peer: times['find'] ?? [],
        unit: 'ms',
        goal: { is: 'times', limit: 1.5 },
      }),
    );
  },
};

/** Days later: ctime cannot be set, so the clock is. */
const later = ({ box }: Pick<Bench, 'box'>): NodeJS.ProcessEnv => ({
  ...box.env,
  ...shifted({ laterMs: LATER_MS }),
});

/** The path of each unit that is looked at last when all of it is stale. */
function lastOfEach(units: readonly string[], tree: string, bench: Bench): string[] {
  const [node] = bench.nodes;
  const last = ask<string[]>(node?.path ?? '', [script, tree, 'last'], { ...bench.box, env: later(bench) });
  if (last.length !== units.length) throw new Error(`${last.length} of ${units.length} units were looked at`);
  return last;
}

async function scan(dir: string): Promise<Scan> {
  const since = performance.now();
  const { swept } = await sweepLegacy(agentProfiles(), {
    legacyDirs: [dir],
    maxAgeMs: 72 * HOUR,
    isDryRun: true,
  });
  return { ms: performance.now() - since, stale: swept.length };
}

/** All looks go through one door. */
async function lastLooks(dir: string): Promise<string[]> {
  const { lstatSync } = fs;
  const last = new Map<string, string>();
  fs.lstatSync = ((path: string, ...more: []) => {
    const text = path.toString();
    const unit = text
      .split('/')
      .slice(0, dir.split('/').length + 3)
      .join('/');
    if (text.startsWith(`${dir}/`) && text !== unit) last.set(unit, text);
    return lstatSync(path, ...more);
  }) as typeof lstatSync;
  await scan(dir);
  return [...last.values()];
}

if (argv[1] === script)
  console.log(JSON.stringify(await (argv[3] === 'last' ? lastLooks : scan)(argv[2] as string)));
