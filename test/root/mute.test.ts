// Which mounts are asked before anything on them is: by the table of mounts, links on the way included, and without asking any.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isServed, type Mount, servedBelow, unmounting } from '#src/root/mounts.js';
import { firstServed, muteOn, noteAnswer, unseen } from '#src/root/mute.js';
import { sandbox } from '../helpers/sandbox.js';

const on = (point: string, type: string): Mount => ({
  point,
  type,
  device: `0:${point}`,
  root: '/',
  options: [],
});
const LOCAL = on('/', 'ext4');

test('FUSE, network mounts and autofs have a server, others have none, nor has what all lies on', () => {
  const served = [
    'fuse',
    'fuseblk',
    'fuse.sshfs',
    'nfs',
    'nfs4',
    'cifs',
    'smb3',
    '9p',
    'virtiofs',
    'autofs',
    'ceph',
  ];
  const local = ['ext4', 'xfs', 'btrfs', 'tmpfs', 'overlay', 'proc', 'zfs', '9pfoo', 'ramfs'];
  for (const type of served) assert.ok(isServed(on('/m', type)), type);
  for (const type of local) assert.ok(!isServed(on('/m', type)), type);
  for (const type of served) assert.ok(!isServed(on('/', type)), type);
  assert.ok(!isServed(on('/proc/sys/fs/binfmt_misc', 'autofs')));
});

test('below a directory, but not what it lies on itself', () => {
  const mounts = [
    LOCAL,
    on('/far', 'nfs4'),
    on('/far/t/m', 'fuse.x'),
    on('/near/m', 'fuse.x'),
    on('/near/m/l', 'tmpfs'),
  ];
  const far = servedBelow('/far/t', mounts);
  assert.deepEqual(['/far/t/a', '/far/t/m', '/far/t/m/a', '/near/m'].map(far), [false, true, true, true]);
  const near = servedBelow('/near', mounts);
  assert.deepEqual(['/near/m', '/near/mm', '/near/m/l/a', '/far'].map(near), [true, false, false, true]);
});

test('the first one on the way is found, through links, and what is behind it is not looked at', (t) => {
  const { dir } = sandbox(t);
  mkdirSync(join(dir, 'a/far'), { recursive: true });
  symlinkSync('a/far', join(dir, 'relative'));
  symlinkSync(join(dir, 'a/../a'), join(dir, 'absolute'));
  symlinkSync('round', join(dir, 'round'));
  const far = on(join(dir, 'a/far'), 'nfs4');
  const mounts = [LOCAL, far, on(join(dir, 'a/far/deeper'), 'fuse.x')];
  const first = (path: string) => firstServed(join(dir, path), mounts, () => true);
  for (const path of ['a/far', 'a/far/deeper/x', 'relative', 'relative/x', 'absolute/far/x'])
    assert.equal(first(path), far, path);
  for (const path of ['', 'a', 'a/farther', 'missing/a/far', 'absolute', 'round/x'])
    assert.equal(first(path), undefined, path);
  assert.equal(
    firstServed(join(dir, 'a/far'), mounts, () => false),
    undefined,
  );
});

test('what was not asked counts as silent, what answered does not', () => {
  const far = on('/qw-test-far', 'fuse.x');
  const mounts = [LOCAL, far];
  const mute = () => muteOn('/qw-test-far/r', mounts);
  assert.equal(mute(), far);
  noteAnswer(far, true);
  assert.equal(mute(), undefined);
  noteAnswer(far, false);
  assert.equal(mute(), far);
  assert.equal(
    muteOn('/qw-test-far/r', [LOCAL, { ...far, device: '0:99' }])?.device,
    '0:99',
    'another one there',
  );
  const { reason, hint } = unseen('/qw-test-far/r', far);
  assert.match(reason, /lies on \/qw-test-far \(fuse\.x\)/);
  assert.equal(hint, unmounting(far, { isSilent: true }));
});
