// podman's runtime directory in a TMPDIR: told at the end, by the library and by qw-run, unless its database names another.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runAgent } from 'qw-run';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { kill, marked } from '../helpers/processes.js';
import { type Scene, scene } from '../helpers/scene.js';

const uid = process.getuid?.();
const MAKES = `mkdir -p "$TMPDIR/podman-run-${uid}/libpod" "$TMPDIR/containers-user-${uid}"`;
const WORDS = new RegExp(`^podman remembers .*/tmp/podman-run-${uid} .*XDG_RUNTIME_DIR.*podman system reset`);

/** What the end of a session tells in which `script` ran. */
async function told({ options }: Scene, script: string): Promise<readonly string[]> {
  const { end } = await (await runAgent('sh', ['-c', script], options)).result;
  assert.equal(end.state, 'removed');
  return end.warnings ?? [];
}

test('a runtime directory there is told once, with what helps', async (t) => {
  const here = scene(t);
  const [line = '', ...more] = await told(here, MAKES);
  assert.match(line, WORDS);
  assert.equal(more.length, 0);
  const { code, stderr } = await run(qwRun, ['sh', '-c', MAKES], here.options);
  assert.equal(code, 0);
  assert.match(stderr.trimEnd().replace(/^qw-run: /, ''), WORDS);
  assert.equal(stderr.trimEnd().split('\n').length, 1);
  here.nothingLeft();
});

test('it is not where the database has another one, or where it is a file', async (t) => {
  const here = scene(t);
  assert.deepEqual(await told(here, `: > "$TMPDIR/podman-run-${uid}"`), []);
  assert.deepEqual(await told(here, 'mkdir "$TMPDIR/podman-run-1x"'), []);
  const database = join(
    String(here.options.env['HOME']),
    '.local/share/containers/storage/libpod/bolt_state.db',
  );
  mkdirSync(dirname(database), { recursive: true });
  writeFileSync(database, 'x\0/run/user/1/libpod/tmp\0');
  assert.deepEqual(await told(here, MAKES), []);
  const naming = `${MAKES}; printf %s "$TMPDIR/podman-run-${uid}/libpod" >> '${database}'`;
  assert.match((await told(here, naming))[0] ?? '', WORDS);
  here.nothingLeft();
});

// Not asked itself: it would make its directories in /tmp.
const podman = spawnSync('sh', ['-c', 'command -v podman']);
const skip = podman.status === 0 ? uid === 0 && 'needs another user than root' : 'no podman here';

test('podman itself, at its first run', { skip }, async (t) => {
  const here = scene(t);
  const { env } = here.options;
  delete env['XDG_RUNTIME_DIR'];
  const lock = `/dev/shm/libpod_rootless_lock_${uid}`;
  const hadLock = existsSync(lock);
  const before = marked(`HOME=${env['HOME']}`);
  const lines = await told(here, 'podman info > info 2>&1 || { cat info; exit 1; }; rm info');
  for (const pid of marked(`HOME=${env['HOME']}`)) if (!before.includes(pid)) kill(pid, 'SIGKILL');
  if (!hadLock) rmSync(lock, { force: true });
  if (lines.length === 0) return t.skip('podman does not run here, or has /run/user');
  assert.match(lines[0] ?? '', WORDS);
});
