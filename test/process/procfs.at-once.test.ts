// An environment is read whole or not at all, also of a program in the middle of an exec: half of one may lack the TMPDIR that
// makes it a member.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readAtOnce } from '#src/process/procfs.js';
import { sandbox } from '../helpers/sandbox.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = process.platform !== 'linux' && 'no procfs';
const TMPDIR = '/tmp/qw-1/abcd1234/tmp';

/** A process whose TMPDIR comes after `bytes` of other variables. */
async function environOf(t: TestContext, args: string[], bytes: number): Promise<string> {
  const padding = Array.from({ length: Math.ceil(bytes / 50_000) }, (_, at) => [
    `P${at}`,
    'x'.repeat(50_000),
  ]);
  const env = { ...Object.fromEntries(padding), TMPDIR };
  const child = spawn('/bin/sh', ['-c', ...args], { env, stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const path = `/proc/${child.pid}/environ`;
  await waitUntil('it has its own', () => readAtOnce(path)?.includes(TMPDIR));
  return path;
}

test('of a program that is executed again and again', { skip }, async (t) => {
  const again = 'exec /bin/sh -c "$0" "$0"';
  const path = await environOf(t, [again, again], 50_000);
  for (let times = 0; times < 20_000; times += 1) {
    const text = readAtOnce(path);
    assert.ok(!text || text.includes(TMPDIR), `${text?.length} of it`);
  }
});

test('of any size', { skip }, async (t) => {
  const text = readAtOnce(await environOf(t, ['sleep 60; :'], 600_000));
  assert.ok(Number(text?.length) > 600_000);
  assert.equal(readAtOnce('/proc/1/no-such-file'), undefined);
});

test('of one that pretends to be endless as much as a program can be started with', (t) => {
  const file = join(sandbox(t).cwd, 'environ');
  writeFileSync(file, 'x'.repeat(9_000_000));
  const length = readAtOnce(file)?.length ?? 0;
  assert.ok(length > 6 * 1024 * 1024 && length < 9_000_000, `${length}`);
});
