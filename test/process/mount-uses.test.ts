// What a table of mounts says of what is watched: by any name that it has there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherNames, watchedAt } from '#src/process/mount-uses.js';
import { parseMountinfo } from '#src/root/mounts.js';

const ROOT = '/home/qw';
const watch = { roots: [ROOT] };
const places = [{ path: ROOT, device: '8:1', root: '/home/qw', mountRoot: '/' }];

for (const [what, root, point, seen] of [
  ['the root is mounted elsewhere', '/home/qw', '/m', '/m/abcd1234/tmp/file'],
  ['what the root lies in is', '/home', '/m', '/m/qw/abcd1234/tmp/file'],
  ['the root is that of the namespace', '/home/qw', '/', '/abcd1234/tmp/file'],
] as const)
  test(`where ${what}, a file in T has this name`, () => {
    const names = otherNames(places, parseMountinfo(`2 1 8:1 ${root} ${point} rw - ext4 /dev/sda1 rw`));
    assert.deepEqual(watchedAt(watch, seen, names), [
      { dir: `${ROOT}/abcd1234`, path: `${ROOT}/abcd1234/tmp/file` },
    ]);
  });
