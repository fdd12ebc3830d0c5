// The advice for a mount that is in the way: what whoever reads it may run, and no more force than is needed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountFailures } from '#src/remove/failure.js';
import { type Mount, parseMountinfo, unmounting } from '#src/root/mounts.js';

const mounts = parseMountinfo(
  [
    '1 0 0:1 / /t/own rw - fuse.sshfs me: rw,user_id=1000,group_id=1000',
    '2 0 0:2 / /t/others rw - fuse.sshfs me: rw,user_id=10001,group_id=1000',
    '3 0 8:1 / /t/disk rw - fuseblk /dev/sdb1 rw,user_id=0,group_id=0',
    '4 0 0:4 / /t/a\\040b rw - tmpfs none rw',
  ].join('\n'),
);
const [own, others, disk, local] = mounts as [Mount, Mount, Mount, Mount];

for (const [uid, isSilent, commands] of [
  [
    1000,
    false,
    ['fusermount3 -u /t/own', 'sudo umount /t/others', 'sudo umount /t/disk', "sudo umount '/t/a b'"],
  ],
  [
    1000,
    true,
    [
      'fusermount3 -uz /t/own',
      'sudo umount -fl /t/others',
      'sudo umount -fl /t/disk',
      "sudo umount -fl '/t/a b'",
    ],
  ],
  [0, false, ['umount /t/own', 'umount /t/others', 'umount /t/disk', "umount '/t/a b'"]],
  [0, true, ['umount -fl /t/own', 'umount -fl /t/others', 'umount -fl /t/disk', "umount -fl '/t/a b'"]],
] as const)
  test(`what uid ${uid} runs for one that ${isSilent ? 'does not answer' : 'may work'}`, () => {
    const said = [own, others, disk, local].map((mount) => unmounting(mount, { uid, isSilent }));
    assert.deepEqual(said, commands);
  });

test('what is mounted in a session is told with the same command', () => {
  const told = mountFailures('/t', mounts).map(({ path, hint }) => [path, hint]);
  assert.deepEqual(
    told,
    mounts.map((mount) => [mount.point, unmounting(mount)]),
  );
});
