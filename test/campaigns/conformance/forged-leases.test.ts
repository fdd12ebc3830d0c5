// Leases as an agent would forge them, every field of them, before a reaper that may end processes (`--orphans end`): nothing outside
// the root changes, and nobody is signalled but the process that is proven to belong to the session. The process table is our own.
import assert from 'node:assert/strict';
import { mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fs } from '#src/fs.js';
import { reapNow } from '#src/reap/reap-now.js';
import { row, sized } from '../../helpers/conformance.js';
import { FIRST_PID, ownProcesses, PID_NAMESPACE } from '../../helpers/own-processes.js';
import { forge, leaseOf, picture, put } from '../../helpers/reaping.js';
import { scene } from '../../helpers/scene.js';

const ID = 'forged00';
const [BYSTANDER, MEMBER] = [FIRST_PID + 1, FIRST_PID + 2];
const START = 4_711;
const UID = process.getuid?.() ?? 0;

test('a forged lease neither signals nor removes anything of others', async (t) => {
  const here = scene(t);
  const { root, dir } = here.box;
  const world = ownProcesses();
  const real = { ...fs, kill: process.kill };
  const [signalled, changed]: [number[], string[]] = [[], []];
  t.after(() => {
    world.undo();
    Object.assign(fs, real);
    process.kill = real.kill;
  });
  process.kill = ((pid: number, signal: string | number) => {
    if (signal !== 0) signalled.push(pid);
    return signal === 0 ? real.kill(pid, signal) : world.table.delete(pid);
  }) as typeof process.kill;
  for (const name of [
    'renameSync',
    'unlinkSync',
    'rmdirSync',
    'mkdirSync',
    'chmodSync',
    'lutimesSync',
  ] as const)
    fs[name] = ((...args: [string, string]) => {
      changed.push(pathOf(args[0]), ...(name === 'renameSync' ? [pathOf(args[1])] : []));
      return (real[name] as (...args: unknown[]) => unknown)(...args);
    }) as never;
  put(join(dir, 'canary/file'));
  const neighbour = forge(here.box, 'another0', {
    lease: leaseOf('another0', {
      owner: { pid: BYSTANDER, startTime: START, ...realmOf(world.bootId), uid: UID },
    }),
  });
  const tmpdir = join(root, ID, 'tmp');
  const tally = { leases: 0, removed: 0, ended: 0 };
  const portrait = () => [...picture(join(dir, 'canary')), ...picture(neighbour.dir)];
  const before = portrait();

  const property = fc.asyncProperty(forgedLease(dir, world.bootId), async (lease) => {
    world.table.set(process.pid, { pid: process.pid, startTime: 1 });
    world.table.set(BYSTANDER, { pid: BYSTANDER, startTime: START });
    world.table.set(MEMBER, { pid: MEMBER, startTime: START, tmpdir });
    mkdirSync(tmpdir, { recursive: true, mode: 0o700 });
    writeFileSync(join(root, ID, 'lease.json'), lease, { mode: 0o600 });
    signalled.length = 0;
    changed.length = 0;
    const { removed } = await reapNow({
      roots: [root],
      maxAgeMs: 72 * 3_600_000,
      orphans: 'end',
      legacy: { backends: [], isTaken: false },
      legacyDirs: [],
      isDryRun: false,
      spare: [],
    });
    tally.leases += 1;
    tally.removed += removed.length;
    tally.ended += signalled.length > 0 ? 1 : 0;
    assert.deepEqual(
      signalled.filter((pid) => pid !== MEMBER),
      [],
      'somebody else was signalled',
    );
    assert.deepEqual(
      changed.filter((path) => !path.startsWith(`${root}/`)),
      [],
      'something outside was changed',
    );
    assert.ok(world.table.has(BYSTANDER));
    assert.ok(removed.every(({ id }) => id === ID));
  });
  await fc.assert(property, {
    numRuns: sized({ fast: 150, full: 2_000, long: 100_000 }),
    includeErrorInReport: true,
    endOnFailure: true,
  });
  assert.deepEqual(portrait(), before);
  assert.ok(tally.removed > 0 && tally.ended > 0, JSON.stringify(tally)); // some were believed
  row('forged', ['every field, one or several', tally.leases, tally.removed, tally.ended, 0]);
});

const realmOf = (bootId: string) => ({ bootId, pidNamespace: PID_NAMESPACE, host: hostname() });

/** Text of a lease: right in most fields, so that it is believed, or any text at all. */
function forgedLease(dir: string, bootId: string): fc.Arbitrary<string> {
  const owner = { pid: FIRST_PID + 9, startTime: 1, ...realmOf(bootId), uid: UID };
  const pid = fc.constantFrom(
    BYSTANDER,
    MEMBER,
    process.pid,
    FIRST_PID + 9,
    1,
    0,
    -1,
    2 ** 31,
    1.5,
    `${BYSTANDER}`,
  );
  const startTime = fc.constantFrom(START, START + 1, 0, -1, 1, '1', null);
  const path = fc.constantFrom(
    'another0',
    '../canary',
    '..',
    '/',
    dir,
    ID,
    `${ID}/../another0`,
    '',
    '\u0000',
    '.trash',
  );
  const date = fc.constantFrom(
    '1970-01-01T00:00:00Z',
    '2999-01-01T00:00:00Z',
    'soon',
    0,
    new Date().toISOString(),
  );
  const any = fc.oneof(fc.anything({ maxDepth: 1, withObjectString: true }), path);
  const field = <T>(good: T, hostile: fc.Arbitrary<unknown>) =>
    fc.oneof(
      { weight: 40, arbitrary: fc.constant<unknown>(good) },
      { weight: 4, arbitrary: hostile },
      { weight: 1, arbitrary: any },
    );
  const record = fc.record(
    {
      version: field(1, fc.constantFrom(0, 2, '1')),
      id: field(ID, path),
      label: field('label', path),
      backend: field('generic', fc.constantFrom('claude', 'codex', '__proto__', 'constructor')),
      command: field(['sh'], fc.array(path)),
      cwd: field('/', path),
      createdAt: field(new Date().toISOString(), date),
      owner: field(
        owner,
        fc.record({
          ...Object.fromEntries(Object.entries(owner).map(([name, value]) => [name, field(value, any)])),
          pid,
          startTime,
        }),
      ),
      agent: fc.record({ pid, startTime }),
      parent: path,
      ending: field(new Date().toISOString(), date),
      kept: fc.oneof(
        { weight: 9, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.record({ at: date }) },
      ),
      survivors: field('keep', fc.constantFrom('end', 1)),
      spare: field([], fc.array(fc.constantFrom('sh', 'agent', '*', ''))),
    },
    { requiredKeys: ['version', 'id', 'backend', 'command', 'cwd', 'createdAt', 'owner'] },
  );
  return fc.oneof(
    { weight: 12, arbitrary: record.map((it) => JSON.stringify(it) ?? '') },
    { weight: 1, arbitrary: fc.string() },
  );
}

/** What is named through a descriptor, by its path. */
const pathOf = (path: string): string =>
  `${path}`.replace(/^\/proc\/self\/fd\/\d+/, (fd) => readlinkSync(fd));
