// The owner starts its agent and is SIGKILLed just then, between the reaper's look at the processes and its verdict. The agent
// lives, so its session stays.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fs } from '#src/fs.js';
import { reapNow } from '#src/reap/reap-now.js';
import { start } from '../../helpers/cli.js';
import { repoRoot } from '../../helpers/paths.js';
import { isAlive, marked } from '../../helpers/processes.js';
import { ids } from '../../helpers/reaping.js';
import { type Scene, scene } from '../../helpers/scene.js';

/** Opens a session; when the file `go` is there it starts the agent (which has nothing open in TMPDIR) and is gone. */
const OWNER = `import { spawn } from 'node:child_process';
  import { existsSync } from 'node:fs';
  import { openSession } from 'qw-run';
  const session = await openSession({ watchdog: false });
  console.log('ready');
  setInterval(() => {
    if (!existsSync('go')) return;
    spawn('sleep', ['600'], { env: session.env(), cwd: '/', stdio: 'ignore', detached: true });
    process.kill(process.pid, 'SIGKILL');
  }, 5);`;

const input = (here: Scene) => ({
  roots: [here.box.root],
  maxAgeMs: 72 * 3_600_000,
  orphans: 'wait' as const,
  legacy: { backends: [], isTaken: false },
  legacyDirs: [],
  isDryRun: false,
  spare: [],
});

/** Sleeps without letting anything else run. */
const block = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('an agent started while the reaper looks, by an owner that dies before the verdict, keeps its TMPDIR', async (t) => {
  const here = scene(t);
  // The owner resolves the package by its own name, which needs a file below the repository.
  const owner = start(
    '--input-type=module',
    ['-e', `process.chdir(${JSON.stringify(here.box.cwd)});${OWNER}`],
    {
      ...here.options,
      cwd: repoRoot,
    },
  );
  await owner.says('ready');
  const [id = ''] = ids(here.box);
  const mark = `TEST_MARK=${here.options.env['TEST_MARK']}`;
  const { readdirSync } = fs;
  t.after(() => {
    fs.readdirSync = readdirSync;
  });
  fs.readdirSync = ((path: string, ...rest: []) => {
    const names = readdirSync(path, ...rest);
    if (path !== '/proc') return names;
    fs.readdirSync = readdirSync;
    writeFileSync(join(here.box.cwd, 'go'), '');
    for (let tries = 0; tries < 10_000 && (isAlive(owner.pid) || marked(mark).length === 0); tries += 1)
      block(10);
    return names;
  }) as typeof readdirSync;
  const report = await reapNow(input(here));
  assert.ok(!isAlive(owner.pid), 'the owner is dead');
  assert.equal(here.processes().length, 1, 'its agent lives');
  assert.deepEqual(report.removed, []);
  assert.ok(existsSync(join(here.box.root, id, 'tmp')), 'its TMPDIR is there');
});
