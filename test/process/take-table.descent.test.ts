// A look at who descends from whom reads the variables of a program once. Those of the next program that a
// process becomes are read again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { takeDescent } from '#src/process/take-table.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = process.platform !== 'linux' && 'reads procfs';

/** A shell with this TMPDIR, which becomes `next` once it is told. */
async function shell(t: TestContext, tmpdir: string, next: string) {
  const child = spawn('sh', ['-c', `echo ready; read -r told; exec ${next}`], {
    env: { ...process.env, TMPDIR: tmpdir },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const pid = child.pid as number;
  const become = async () => {
    child.stdin.write('now\n');
    await waitUntil('it is another program', () =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep'),
    );
  };
  return { pid, become };
}

const tmpdirOf = (pid: number) => takeDescent().processes.get(pid)?.variables?.tmpdir;

test('variables are read once of each program', { skip }, async (t) => {
  const { pid } = await shell(t, '/one', 'sleep 600');
  const opened = t.mock.method(fs, 'openSync');
  const reads = () =>
    opened.mock.calls.filter(({ arguments: [path] }) => path === `/proc/${pid}/environ`).length;
  for (let look = 0; look < 3; look += 1) assert.equal(tmpdirOf(pid), '/one');
  assert.equal(reads(), 1);
});

test('an exec with other variables is seen by the next look', { skip }, async (t) => {
  const { pid, become } = await shell(t, '/one', 'env TMPDIR=/two sleep 600');
  assert.equal(tmpdirOf(pid), '/one');
  await become();
  assert.equal(tmpdirOf(pid), '/two');
});
