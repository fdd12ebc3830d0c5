// Reapers of a storm, and what has to be left after the last of them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HOUR, reapOnce } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { complain, type Tally } from './tally.js';

export interface Passes {
  /** One pass; `laterMs`: as if so much time had passed. */
  reap(args?: string[], laterMs?: number): Promise<void>;
  /** After the final pass nothing may be left but what a remover still has in hand and what has no lease yet. */
  settle(): Promise<void>;
  /** Those that were removed. */
  removed: ReadonlySet<string>;
}

export function passes(scene: Scene, tally: Tally): Passes {
  const { box } = scene;
  const seen = new Set<string>();

  const reap = async (args: string[] = [], laterMs = 0) => {
    const { report, code, stderr } = await reapOnce(scene, ['--root', box.root, ...args], { laterMs });
    tally.reaps += 1;
    for (const { path, reason } of report.failed)
      complain(tally, 'reapersFailed', `a reaper failed: ${path}: ${reason}`);
    if (code !== 0 && report.failed.length === 0)
      complain(tally, 'reapersFailed', `a reaper ended with ${code}: ${stderr}`);
    for (const { id } of report.removed) {
      if (seen.has(id)) complain(tally, 'reapersFailed', `two reapers removed ${id}`);
      seen.add(id);
      tally.reaped += 1;
    }
  };

  const settle = async () => {
    const inTrash = () => box.left().filter((name) => name.startsWith('.trash/'));
    await waitUntil('the removers have finished', () => inTrash().length === 0).catch(() => {});
    const hasLease = (id: string) => readdirSync(join(box.root, id)).includes('lease.json');
    const left = box.left().filter((name) => name.startsWith('.trash/') || hasLease(name));
    tally.directoriesWithoutLease = box.left().length - left.length;
    if (tally.directoriesWithoutLease > 0) await reap([], 80 * HOUR);
    for (const name of new Set([...left, ...box.left()])) complain(tally, 'directoriesLeft', `left: ${name}`);
  };
  return { reap, settle, removed: seen };
}
