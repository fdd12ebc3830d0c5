// What is mounted where, as procfs writes it: escaped names, look-alikes, one mount above the other.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  hasUserQuota,
  type Mount,
  mountOf,
  mountsUnder,
  parseMountinfo,
  readMounts,
} from '#src/root/mounts.js';

const line = (point: string, type = 'ext4', options = 'rw', superOptions = 'rw') =>
  `36 35 98:0 /mnt1 ${point} ${options},noatime master:1 shared:5 - ${type} /dev/root ${superOptions}\n`;
const points = (text: string) => parseMountinfo(text).map(({ point }) => point);

describe('mountinfo', () => {
  test('gives point, type and both lists of options, with any number of optional fields', () => {
    const bare = '36 35 98:0 / /a rw,nosuid - tmpfs tmpfs rw,size=1k,usrquota\n';
    assert.deepEqual(parseMountinfo(bare), [
      {
        point: '/a',
        device: '98:0',
        root: '/',
        type: 'tmpfs',
        options: ['rw', 'nosuid', 'rw', 'size=1k', 'usrquota'],
      },
    ]);
    assert.deepEqual(points(line('/a') + bare + line('/b')), ['/a', '/a', '/b']);
    assert.deepEqual(points(''), []);
  });
  const table: [written: string, point: string][] = [
    ['/a\\040b', '/a b'],
    ['/a\\011b\\012c', '/a\tb\nc'],
    ['/a\\134b', '/a\\b'],
    ['/a\\134040b', '/a\\040b'],
    ['/\\040-\\040x', '/ - x'],
    ['/grüße/日本', '/grüße/日本'],
    ['/a\\9', '/a\\9'],
  ];
  for (const [written, point] of table) {
    test(`${written} is ${JSON.stringify(point)}`, () => assert.deepEqual(points(line(written)), [point]));
  }
  test('a point of any name is read back as it was', () => {
    const inOctal = (text: string) =>
      text.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
    fc.assert(fc.property(fc.string(), (name) => points(line(inOctal(`/${name}`)))[0] === `/${name}`));
  });
  test('of this machine has a root', () => {
    assert.ok(readMounts().some(({ point }) => point === '/'));
  });
});

describe('which mount', () => {
  const mounts = parseMountinfo(
    ['/', '/tmp', '/tmp/a', '/tmp/a', '/tmp/ab'].map((it, at) => line(it, `t${at}`)).join(''),
  );
  const typeOf = (path: string) => mountOf(path, mounts)?.type;
  test('a path lives on: the deepest, by component; the last of two on one point', () => {
    assert.deepEqual(['/', '/x', '/tmp', '/tmp/b', '/tmp/a/x', '/tmp/abc', '/tmp/ab'].map(typeOf), [
      ...['t0', 't0', 't1', 't1', 't3', 't1', 't4'],
    ]);
    assert.equal(mountOf('/x', []), undefined);
  });
  test('lies at or under a directory, not beside it', () => {
    assert.deepEqual(mountsUnder('/tmp/a', mounts), ['/tmp/a', '/tmp/a']);
    assert.deepEqual(mountsUnder('/tmp', mounts).length, 4);
    assert.deepEqual(mountsUnder('/tmp/a/b', mounts), []);
  });
  test('has a quota for each user', () => {
    const mount = (type: string, ...options: string[]): Mount => ({
      point: '/tmp',
      device: '0:1',
      root: '/',
      type,
      options,
    });
    const table = [
      mount('tmpfs', 'rw', 'usrquota'),
      mount('tmpfs', 'rw'),
      mount('ext4', 'usrquota'),
      undefined,
    ];
    assert.deepEqual(table.map(hasUserQuota), [true, false, false, false]);
  });
});
