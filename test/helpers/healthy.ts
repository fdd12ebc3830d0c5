// Facts of a machine on which all is well, to change one thing at a time; a table of what doctor makes of each. Pure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Facts, findings, isAnythingToDo } from '#src/doctor/findings.js';
import type { RootFacts } from '#src/doctor/roots.js';
import type { SessionSight } from '#src/doctor/sessions.js';
import type { PlaceFacts } from '#src/doctor/space.js';

const GIB = 2 ** 30;

export const root = (more: Partial<RootFacts> = {}): RootFacts => ({
  ...{ path: '/tmp/qw-1000', source: '/tmp', why: 'the default', exists: true, state: 'chosen' },
  ...{
    refusal: null,
    tmpdirBytes: 25,
    mount: '/tmp',
    type: 'ext4',
    hasUserQuota: false,
    isNoexec: false,
    writeError: null,
  },
  ...more,
});

export const place = (more: Partial<PlaceFacts> = {}): PlaceFacts => ({
  ...{ dir: '/tmp/qw-1000', serves: ['/tmp/qw-1000', '/tmp'], mount: '/tmp', type: 'ext4' },
  ...{ options: ['rw', 'relatime'], hasUserQuota: false, atime: 'relatime' },
  bytes: { total: 100 * GIB, used: 50 * GIB, free: 50 * GIB },
  inodes: { total: 1_000_000, used: 100_000, free: 900_000 },
  ...{ missing: { bytes: 0, inodes: 0 }, quota: null, writeError: null, largest: [] },
  ...more,
});

export const size = (bytes = 0, entries = 0) => ({ bytes, entries, isPartial: false });

export const session = (more: Partial<SessionSight> = {}): SessionSight => ({
  ...{ id: 'abcd1234', root: '/tmp/qw-1000', label: null, state: 'live', reason: 'owner-alive' },
  ...{ size: size(4096, 1), fromFuture: null },
  ...more,
});

export const environment = (more: Partial<Facts['environment']> = {}): Facts['environment'] => ({
  ...{ session: null, isReaping: true, settings: [], directories: [], startFiles: [] },
  state: { dir: '/home/me/.local/state/qw-run', isWritable: true, isOurs: true },
  log: { file: '/home/me/.local/state/qw-run/log', bytes: 4096, isOn: true, error: null },
  failedStarts: [],
  ...more,
});

export const machine = (more: Partial<Facts['machine']> = {}): Facts['machine'] => ({
  ...{ platform: 'linux', kernel: '6.18', host: 'here', node: '20.20.2', uid: 1000 },
  procfs: { isThere: true, hidepid: null, isBootIdReadable: true },
  watchdog: { shell: '/bin/sh', bins: '/usr/lib/qw-run/bin', hasFlock: true },
  isolation: null,
  ...more,
});

export const healthy = (): Facts => ({
  roots: [root(), root({ path: '/var/tmp/qw-1000', source: '/var/tmp', state: 'spare', mount: '/' })],
  places: [place()],
  sessions: [session()],
  unseen: [],
  trash: [{ root: '/tmp/qw-1000', count: 0, size: size(), lastPassAt: null }],
  legacy: [],
  agents: [],
  environment: environment(),
  machine: machine(),
  cut: [],
});

/** What is wrong, what doctor makes of it, and the command that mends it. */
export type Row = [what: string, facts: Partial<Facts>, expected: string, command: string];

/** A table: one thing is wrong in each row. */
export function testTable(rows: readonly Row[]): void {
  for (const [what, facts, expected, command] of rows)
    test(`${what}: ${expected}`, () => {
      const found = findings({ ...healthy(), ...facts });
      const [{ text, about, command: told } = assert.fail('nothing found')] = found;
      assert.deepEqual([found.map(({ weight, code }) => `${weight} ${code}`), told], [[expected], command]);
      assert.ok(text.length > 10 && about.length > 0);
      assert.equal(isAnythingToDo(found), !expected.startsWith('note'));
    });
}
