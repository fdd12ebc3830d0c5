// Verdicts on thousands of dead sessions with hundreds of processes at work, beside the least that can be asked of the file system
// about them: their names, and one stat of each. Each pair in a process of its own, taking turns at being first.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { candidates } from '#src/judge/candidates.js';
import { forge } from '../../../helpers/reaping.js';
import type { Sandbox } from '../../../helpers/sandbox.js';
import type { Bench, Node, Row } from './bench.js';
import { ask } from './runs.js';
import { idOf, ownedByNobody } from './sessions.js';
import { sleepers } from './sleepers.js';
import type { Line } from './table.js';

const script = fileURLToPath(import.meta.url);
const SESSIONS = [1_000, 10_000] as const;
const PROCESSES = 500;

interface Pair {
  ours: number;
  peer: number;
  orphans: number;
}

export const judging: Row = {
  name: 'judge',
  measure: async (bench) => {
    const { box, nodes, size } = bench;
    sleepers(size(PROCESSES), bench);
    const [few, many] = SESSIONS.map((sessions) => makeDead(box, size(sessions))) as [string, string];
    const lines: Line[] = [];
    for (const node of nodes) {
      const a = pairs(few, size(SESSIONS[0]), node, bench);
      const b = pairs(many, size(SESSIONS[1]), node, bench);
      const more = { ours: b.ours, unit: 'ms' };
      const what = `${size(SESSIONS[1])} sessions, ${node.name}`;
      lines.push(
        {
          what,
          against: '`readdir`, `stat` of each',
          ...more,
          peer: b.peer,
          goal: { is: 'times', limit: 6 },
        },
        {
          what,
          against: `${size(SESSIONS[0])} sessions`,
          ...more,
          peer: a.ours,
          goal: { is: 'times', limit: 11 },
        },
      );
    }
    return lines;
  },
};

/** A root full of dead sessions. */
function makeDead({ dir }: Sandbox, sessions: number): string {
  const root = join(dir, `r${sessions}`);
  const lease = ownedByNobody();
  for (let at = 0; at < sessions; at += 1)
    forge({ root }, idOf(at), { lease: { ...lease, id: idOf(at) }, files: [] });
  return root;
}

function pairs(
  root: string,
  sessions: number,
  { path }: Node,
  { box, runs }: Bench,
): { ours: number[]; peer: number[] } {
  const found: Pair[] = [];
  for (let run = 0; run < runs(20); run += 1)
    found.push(ask<Pair>(path, [script, root, run % 2 ? 'ours' : 'peer'], box));
  if (found.some(({ orphans }) => orphans !== sessions)) throw new Error('not all are orphans');
  return { ours: found.map(({ ours }) => ours), peer: found.map(({ peer }) => peer) };
}

async function measurePair(root: string, first: string): Promise<Pair> {
  const pair: Pair = { ours: 0, peer: 0, orphans: 0 };
  const ours = async () => {
    const since = performance.now();
    const found = await candidates({ roots: [root], maxAgeMs: 72 * 3_600_000, spare: [] });
    pair.ours = performance.now() - since;
    pair.orphans = found.filter(({ state }) => state === 'orphan').length;
  };
  const peer = () => {
    const since = performance.now();
    for (const name of readdirSync(root)) statSync(join(root, name));
    pair.peer = performance.now() - since;
  };
  for (const measure of first === 'ours' ? [ours, peer] : [peer, ours]) await measure();
  return pair;
}

if (argv[1] === script) console.log(JSON.stringify(await measurePair(argv[2] as string, argv[3] as string)));
