// What a session directory without a good lease is judged by.
import { attempt, fs } from '../fs.js';
import type { Lease } from '../lease/lease.js';

/** Stands in for a lease that cannot be relied on: names nobody, spares nothing but the usual. */
export const stranger = (id: string, dir: string): Lease => {
  const birth = attempt(() => fs.lstatSync(dir))?.birthtimeMs ?? 0;
  const nobody = { pid: 0, startTime: 0, bootId: '', pidNamespace: '', host: '', uid: 0 };
  return {
    version: 1,
    id,
    backend: 'generic',
    command: [],
    cwd: '',
    createdAt: new Date(birth).toISOString(),
    owner: nobody,
  };
};
