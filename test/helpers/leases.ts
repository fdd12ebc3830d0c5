// The lease of a session, as anybody may read it.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ids } from './reaping.js';
import type { Sandbox } from './sandbox.js';
import { waitUntil } from './wait-until.js';

export type LeaseJson = Record<string, unknown> & { id: string; agent?: { pid: number; startTime: number } };

export const leasePath = (tmpdir: string): string => join(tmpdir, '../lease.json');

export const leaseIn = (tmpdir: string): LeaseJson => JSON.parse(readFileSync(leasePath(tmpdir), 'utf8'));

/** It says so itself, or its sticky bit does. */
export const isEnding = (tmpdir: string): boolean =>
  (statSync(leasePath(tmpdir)).mode & 0o1000) !== 0 || leaseIn(tmpdir)['ending'] !== undefined;

/** The lease once it names its agent: that is written when the child runs already. */
export const leaseWithAgent = (tmpdir: string): Promise<LeaseJson> =>
  waitUntil('the lease names its agent', () => {
    const lease = leaseIn(tmpdir);
    return lease.agent && lease;
  });

/** Resolves when the lease of the only session names its agent: before that, nobody knows who it is. */
export const named = async (box: Sandbox): Promise<void> => {
  const [id = ''] = ids(box);
  await leaseWithAgent(join(box.root, id, 'tmp'));
};
