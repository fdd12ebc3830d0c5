// What the kernel itself has of a session in our own mount namespace: no process uses it, and T stays all the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { listed } from '../helpers/listed.js';
import { inPrivateMounts, mountScene } from '../helpers/private-mounts.js';
import { reapOnce } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url);
const shell = (script: string, ...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'sh', ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.trim();
};

/** In `sh`, with T and a directory beside it in `$1` and `$2`; what is printed is `$3` of what takes it away. */
const KINDS: [what: string, make: string, undo: string][] = [
  ['bound elsewhere', 'mount --bind "$1" "$2/m"', 'umount "$2/m"'],
  ['a layer', 'mount -t overlay overlay -o "lowerdir=$2/l:$1/a" "$2/m"', 'umount "$2/m"'],
  ['behind a loop device', 'losetup --find --show --read-only "$1/image"', 'losetup --detach "$3"'],
];
const noLoop =
  spawnSync('sh', ['-c', 'd=$(losetup --find) && test -b "$d"']).status !== 0 && 'no loop device to be had';

for (const [what, make, undo] of KINDS)
  test(`T stays while it is ${what}`, { skip: skip || (what.includes('loop') && noLoop) }, async (t) => {
    const here = mountScene(t);
    const session = await agentThat(here, ['--no-watchdog'], 'echo "ready $$ "');
    const tmp = join(here.box.root, session.id, 'tmp');
    const beside = join(here.box.dir, 'beside');
    for (const dir of [join(tmp, 'a'), join(beside, 'l'), join(beside, 'm')])
      mkdirSync(dir, { recursive: true });
    writeFileSync(join(tmp, 'image'), Buffer.alloc(1 << 20));
    const made = shell(make, tmp, beside);
    let isUndone = false;
    t.after(() => isUndone || shell(undo, tmp, beside, made));

    const { code } = await session.leave();

    assert.equal(code, CODE);
    assert.equal(readFileSync(join(tmp, 'image')).length, 1 << 20);
    const [one] = await listed(here);
    assert.deepEqual([one?.state, one?.holders.map(({ pid }) => pid)], ['held', [0]]);
    assert.deepEqual((await reapOnce(here)).ids, []);
    shell(undo, tmp, beside, made);
    isUndone = true;
    assert.deepEqual((await reapOnce(here)).ids, [session.id]);
    assert.ok(!existsSync(tmp));
  });
