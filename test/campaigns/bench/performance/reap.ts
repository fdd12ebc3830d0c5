// One large orphan, removed by the reaper of a server, beside `rm -rf` of the same tree; and how long the server's event loop
// was held up meanwhile.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { reap } from 'qw-run';
import { forge } from '../../../helpers/reaping.js';
import type { Bench, Row } from './bench.js';
import { interleave, type Subject } from './interleave.js';
import { latest } from './late.js';
import { ask, duration } from './runs.js';
import { idOf, ownedByNobody } from './sessions.js';
import type { Line } from './table.js';
import { copyTree, ENTRIES, makeTree, UNITS } from './trees.js';

const script = fileURLToPath(import.meta.url);

interface Reaped {
  removed: number;
  ms: number;
  /** Longest time the event loop was late. */
  lateMs: number;
}

export const reapLarge: Row = {
  name: 'reap',
  measure: async (bench) => {
    const { box, nodes, runs, size } = bench;
    const template = join(box.dir, 'template');
    makeTree({ dir: template, entries: size(ENTRIES), units: size(UNITS) });
    const subjects: Record<string, Subject> = { rm: () => remove(template, bench) };
    const late: Record<string, number[]> = {};
    for (const { path, name } of nodes) {
      const delays: number[] = [];
      late[name] = delays;
      subjects[name] = () => {
        const { dir } = forge(box, idOf(0), { lease: { ...ownedByNobody(), id: idOf(0) }, files: [] });
        copyTree(`${template}/.`, join(dir, 'tmp'));
        const { removed, ms, lateMs } = ask<Reaped>(path, [script, box.root], box);
        if (removed !== 1) throw new Error('it was not removed');
        delays.push(lateMs);
        return ms;
      };
    }
    const times = await interleave(subjects, runs(20), { isCold: true });
    return nodes.flatMap(({ name }): Line[] => [
      {
        what: `\`reap()\`, ${name}`,
        against: '`rm -rf`',
        ours: times[name] ?? [],
        peer: times['rm'] ?? [],
        unit: 'ms',
        goal: { is: 'times', limit: 1.15 },
      },
      {
        what: `longest delay of the event loop`,
        against: '',
        ours: late[name] ?? [],
        peer: [],
        unit: 'ms',
        goal: { is: 'at most', limit: 10 },
      },
    ]);
  },
};

function remove(template: string, { box }: Bench): number {
  const copy = join(box.dir, 'copy');
  mkdirSync(copy);
  copyTree(`${template}/.`, copy);
  return duration({ file: 'rm', args: ['-rf', copy], cwd: box.cwd, env: box.env });
}

/** The server. */
async function serve(root: string): Promise<Reaped> {
  const { result, ms, lateMs } = await latest(() => reap({ root }));
  return { removed: result.removed.length, ms, lateMs };
}

if (argv[1] === script) console.log(JSON.stringify(await serve(argv[2] as string)));
