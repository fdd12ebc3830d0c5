// Dead sessions whose leases look like reused pids.
import type { ChildProcess } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { deadOwner, forge, identityOf, leaseOf, realm } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';

/** A dead session whose lease says the pid of a living stranger, as owner or as agent, who started at another time. */
export function forgeReuse({ box }: Scene, bystander: ChildProcess, random: () => number): void {
  const { pid, startTime } = identityOf(bystander.pid as number);
  const reused = { pid, startTime: startTime - 1 - Math.floor(random() * 1_000) };
  const id = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, '0');
  const lease =
    random() < 0.5
      ? leaseOf(id, { owner: { ...reused, ...realm(), uid: process.getuid?.() ?? 0 } })
      : leaseOf(id, { owner: deadOwner(), agent: reused });
  // Into place in one step: a reaper must not take it half made, or the other half would come after.
  const workshop = { ...box, root: join(box.dir, 'workshop') };
  renameSync(forge(workshop, id, { lease, files: ['a', 'b/c'] }).dir, join(box.root, id));
}
