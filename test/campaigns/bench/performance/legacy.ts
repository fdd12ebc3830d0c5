// What agents left without us, in units each kept by a single file, the one that is looked at last: every entry has to be looked
// at. Beside find(1), which looks at every entry too.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { agentProfiles } from '#src/backends/profiles.js';
import { sweepLegacy } from '#src/sweep/sweep.js';
import { goInside } from '#src/tree/from-inside.js';
import { HOUR, shifted } from '../../../helpers/reaping.js';
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
    for (const last of lastOfEach(units)) setTimes(last, Date.now() + LATER_MS);
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

/** The file of each unit that find(1) comes to last: it does the looking, also for us. */
function lastOfEach(units: readonly string[]): string[] {
  const last = new Map<string, string>();
  const { stdout } = spawnSync('find', [...units, '-type', 'f', '-printf', '%H %p\\n'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  for (const line of stdout.trim().split('\n')) last.set(...(line.split(' ') as [string, string]));
  if (last.size !== units.length) throw new Error(`${last.size} of ${units.length} units were looked at`);
  return [...last.values()];
}

async function scan(dir: string): Promise<Scan> {
  goInside(); // as whoever runs a pass does
  const since = performance.now();
  const { swept } = await sweepLegacy(
    agentProfiles().flatMap((profile) => profile.legacy),
    {
      legacyDirs: [dir],
      maxAgeMs: 72 * HOUR,
      isDryRun: true,
    },
  );
  return { ms: performance.now() - since, stale: swept.length };
}

if (argv[1] === script) console.log(JSON.stringify(await scan(argv[2] as string)));
