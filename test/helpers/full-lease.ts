// A lease that uses every field.
import type { Lease } from '#src/lease/lease.js';

const AT = '2026-01-02T03:04:05.678Z';

export const fullLease: Lease = {
  version: 1,
  id: 'abcd1234',
  label: 'fix the build',
  backend: 'claude',
  command: ['claude', '-p', 'hi'],
  cwd: '/home/user/project',
  createdAt: AT,
  bootedAt: 1_764_000_000_000,
  owner: {
    pid: 4711,
    startTime: 12345,
    bootId: 'b-1',
    pidNamespace: '4026531836',
    timeNamespace: '4026531834',
    host: 'box',
    uid: 1000,
  },
  agent: { pid: 4712, startTime: 12350 },
  parent: 'efgh5678',
  ending: AT,
  kept: { at: AT },
  survivors: 'keep',
  spare: ['my-daemon'],
  keep: true,
  isolate: { mode: 'tmpfs', sizeBytes: 4096, holder: 4713, holderStartTime: 12360 },
  lock: '.lock-4711-12345-4026531836',
};
