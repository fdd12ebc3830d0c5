// The size of a session without the contents of its TMPDIR: lease, settings, the directories. Removing the
// session frees them too.
import { join } from 'node:path';
import { attempt, fs } from '../fs.js';
import { reclaimable } from '../tree/reclaimable.js';

/** Of what lies right in `dir`. */
export function ownSize(dir: string): { bytes: number; entries: number } {
  const freed = reclaimable();
  const names = attempt(() => fs.readdirSync(dir)) ?? [];
  for (const name of names) {
    const stat = attempt(() => fs.lstatSync(join(dir, name)));
    if (stat) freed.add(stat);
  }
  return { bytes: freed.bytes, entries: names.length };
}
