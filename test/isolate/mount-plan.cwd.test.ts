// The working directory is entered as it is seen inside, by whatever name; where that cannot be, it is told and nothing is left.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openSession, runAgent } from 'qw-run';
import { busyboxIn, noBusybox } from '../helpers/busybox.js';
import { run } from '../helpers/cli.js';
import { noIsolation } from '../helpers/isolation.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';
import { standIns } from '../helpers/stand-ins.js';

const skip = noIsolation();

for (const mode of ['tmpfs', 'tmp'] as const)
  describe(mode, { skip }, () => {
    test('one that was removed', async (t) => {
      const here = scene(t);
      const cwd = join(here.box.dir, 'gone');
      mkdirSync(cwd);
      const script = 'rmdir "$PWD" && exec "$@"';
      const { status, stderr } = spawnSync(
        'sh',
        ['-c', script, 'sh', process.execPath, qwRun, '--isolate', mode, 'echo', 'ran'],
        { ...here.options, cwd, encoding: 'utf8' },
      );
      assert.equal(status, 125);
      assert.equal(
        stderr,
        'qw-run: no isolation here: the working directory was removed; run it in another\n',
      );
      here.nothingLeft();
    });

    test('one that may be searched but not read', {
      skip: process.getuid?.() === 0 && 'root may read everything',
    }, async (t) => {
      const here = scene(t);
      const cwd = join(here.box.dir, 'closed');
      mkdirSync(cwd, 0o300);
      const { code, stderr } = await run(qwRun, ['--isolate', mode, 'echo', 'ran'], { ...here.options, cwd });
      chmodSync(cwd, 0o700);
      assert.equal(code, 125);
      assert.match(
        stderr,
        /^qw-run: no isolation here: the working directory "\S+" cannot be opened \(EACCES\); /,
      );
      await here.nothingLeftSoon();
    });

    test('a link to it, with a whole path', async (t) => {
      const here = scene(t);
      const [link, cwd] = [join(here.box.dir, 'link'), join(here.box.cwd, 'real')];
      mkdirSync(cwd);
      symlinkSync(cwd, link);
      const { result } = await runAgent('pwd', ['-P'], { env: here.options.env, cwd: link, isolate: mode });
      assert.equal((await result).stdout, cwd);
      rmdirSync(cwd);
      here.nothingLeft();
    });

    test('one that is there only inside', async (t) => {
      const here = scene(t);
      const session = await openSession({ env: here.box.env, isolate: mode, size: '4M' });
      t.after(() => session.end());
      const inside = (script: string, cwd?: string) => {
        const { file, args } = session.command('sh', ['-c', script], { cwd });
        return spawnSync(file, args, { env: session.env(here.options.env), encoding: 'utf8' }).stdout;
      };
      const made = inside('mktemp -d').trim();
      assert.equal(inside('pwd', made), `${made}\n`);
    });

    test('entered by the nsenter of busybox', { skip: noBusybox() }, async (t) => {
      const here = scene(t);
      const bin = busyboxIn(here.box.dir, ['nsenter', 'env', 'mktemp']);
      const env = { ...here.options.env, ...standIns(bin).env };
      const command = ['--isolate', mode, 'sh', '-c', 'pwd; mktemp; exit 3'];
      const { code, stdout, stderr } = await run(qwRun, command, { ...here.options, env });
      assert.deepEqual({ code, stderr }, { code: 3, stderr: '' });
      assert.ok(stdout.startsWith(`${here.box.cwd}\n/`), stdout);
      here.nothingLeft();
    });
  });

test('runAgent leaves nothing where its command cannot be taken inside', {
  skip: skip || (process.getuid?.() === 0 && 'permissions do not bind root'),
}, async (t) => {
  const here = scene(t);
  const cwd = join(here.box.dir, 'closed');
  mkdirSync(cwd, 0o300);
  const running = runAgent('true', [], { env: here.options.env, cwd, isolate: 'tmpfs' });
  await assert.rejects(running, { code: 'ERR_QW_ISOLATION' });
  chmodSync(cwd, 0o700);
  here.nothingLeft();
});
