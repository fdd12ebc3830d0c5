// Where a lease's owner is, as seen from here: a pid means something in one boot and one pid namespace only.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { whereIs } from '#src/lease/owner.js';
import type { Realm } from '#src/process/identity.js';

const HERE = {
  bootId: 'boot-2',
  pidNamespace: '4026531836',
  timeNamespace: '4026531834',
  host: 'box',
};
const BOOT = 1_700_000_000_000;
const HOUR = 3_600_000;
const BEFORE = BOOT - HOUR;
const AFTER = BOOT + HOUR;

describe('the owner is', () => {
  const table: [
    what: string,
    owner: Partial<Record<keyof typeof HERE, string | undefined>>,
    heartbeatAt: number,
    expected: string,
  ][] = [
    ['same boot, same namespace', {}, AFTER, 'here'],
    ['the same, and the host was renamed since', { host: 'renamed' }, AFTER, 'here'],
    [
      'another pid namespace of this kernel (a container)',
      { pidNamespace: '4026532999' },
      AFTER,
      'elsewhere',
    ],
    [
      'a container whose host name differs',
      { pidNamespace: '4026532999', host: 'c0ffee' },
      AFTER,
      'elsewhere',
    ],
    ['another time namespace: start times differ', { timeNamespace: '4026532888' }, AFTER, 'elsewhere'],
    ['one that said no time namespace', { timeNamespace: undefined }, AFTER, 'elsewhere'],
    ['a container, last heard of before the boot', { pidNamespace: '4026532999' }, BEFORE, 'elsewhere'],
    ['this machine before its reboot', { bootId: 'boot-1' }, BEFORE, 'dead'],
    ['another machine of this name, heard of since our boot', { bootId: 'boot-1' }, AFTER, 'elsewhere'],
    ['another machine on a shared disk', { bootId: 'boot-9', host: 'other' }, AFTER, 'elsewhere'],
    [
      'another machine, silent since before our boot',
      { bootId: 'boot-9', host: 'other' },
      BEFORE,
      'elsewhere',
    ],
    ['a container before the reboot', { bootId: 'boot-1', pidNamespace: '4026532999' }, BEFORE, 'elsewhere'],
    ['a machine without boot ids', { bootId: '', host: 'mac' }, AFTER, 'elsewhere'],
  ];
  for (const [what, owner, heartbeatAt, expected] of table) {
    test(`${what}: ${expected}`, () => {
      assert.equal(whereIs({ ...HERE, ...owner } as Realm, HERE, heartbeatAt, BOOT), expected);
    });
  }
  test('without procfs here only under the same host name', () => {
    const own = { bootId: '', pidNamespace: '', host: 'mac' };
    assert.equal(whereIs(own, own, AFTER, BOOT), 'here');
    assert.equal(whereIs({ ...own, host: 'other' }, own, BEFORE, BOOT), 'elsewhere');
  });
  test('never here or dead by a pid namespace or host of another', () => {
    const realm = fc.record({
      bootId: fc.constantFrom('', 'boot-1', 'boot-2'),
      pidNamespace: fc.constantFrom('', '1', '2'),
      host: fc.constantFrom('box', 'other'),
    });
    fc.assert(
      fc.property(realm, realm, fc.integer({ min: 0, max: 2 * BOOT }), (owner, own, heartbeatAt) => {
        const where = whereIs(owner, own, heartbeatAt, BOOT);
        if (owner.pidNamespace !== own.pidNamespace) assert.equal(where, 'elsewhere');
        if (where === 'dead') assert.deepEqual([owner.host, heartbeatAt < BOOT], [own.host, true]);
        if (where === 'here') assert.equal(owner.bootId, own.bootId);
      }),
    );
  });
});
