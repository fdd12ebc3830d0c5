// What V8 compiled is kept beside the bundles and used again; whatever is found there instead, the command does the same.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';

interface Installed {
  bin: string;
  main: string;
  /** What is kept; undefined where nothing is. */
  kept(): string | undefined;
  /** Runs a session there; fails unless it does what it should. */
  session(env?: NodeJS.ProcessEnv): Promise<void>;
}

/** An installation of its own. */
function installed(here: Scene): Installed {
  const bin = join(here.box.dir, 'bin');
  cpSync(dirname(qwRun), bin, { recursive: true });
  rmSync(join(bin, '.cache'), { recursive: true, force: true });
  const kept = () => {
    const names = existsSync(join(bin, '.cache')) ? readdirSync(join(bin, '.cache')) : [];
    assert.ok(names.length <= 1, names.join());
    return names[0] && join(bin, '.cache', names[0]);
  };
  const session = async (more: NodeJS.ProcessEnv = {}) => {
    const options = { ...here.options, env: { ...here.options.env, ...more } };
    const ended = await run(join(bin, 'qw-run.cjs'), ['sh', '-c', 'touch "$TMPDIR/x"; exit 9'], options);
    assert.deepEqual([ended.code, ended.stderr], [9, '']);
    here.nothingLeft();
  };
  return { bin, main: join(bin, 'qw-run-main.cjs'), kept, session };
}

const keptBy = async (t: TestContext): Promise<Installed & { file: string; ino: number }> => {
  const it = installed(scene(t));
  await it.session();
  const file = it.kept() ?? '';
  return { ...it, file, ino: lstatSync(file).ino };
};

/** The same text with one letter changed. */
function edit(file: string): void {
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes('no command given'));
  writeFileSync(file, text.replaceAll('no command given', 'No command given'));
}

describe('what V8 compiled', { concurrency: 2 }, () => {
  test('is kept once a session has ended, readable for all, and stays', async (t) => {
    const it = installed(scene(t));
    await run(join(it.bin, 'qw-run.cjs'), ['--version'], {});
    assert.equal(it.kept(), undefined);
    await it.session();
    const file = it.kept() ?? '';
    const { mode, mtimeMs, ino } = statSync(file);
    assert.equal(mode & 0o777, 0o644);
    await it.session();
    assert.deepEqual([lstatSync(file).mtimeMs, lstatSync(file).ino], [mtimeMs, ino]);
  });

  test('belongs to one state of the bundle, and is what runs', async (t) => {
    const it = await keptBy(t);
    const compiled = readFileSync(it.file);
    edit(it.main);
    await it.session();
    const file = it.kept() ?? ''; // the only one: the other went
    assert.notEqual(file, it.file);
    const says = async () => (await run(join(it.bin, 'qw-run.cjs'), [], {})).stderr;
    assert.match(await says(), /No command given/);
    writeFileSync(file, compiled); // V8 cannot tell: the texts are equally long
    assert.match(await says(), /no command given/);
  });

  for (const [what, spoil] of Object.entries({
    'is empty': (file: string) => truncateSync(file, 0),
    'is cut short': (file: string) => truncateSync(file, 50_000),
    'is something else': (file: string) => writeFileSync(file, 'x'.repeat(100_000)),
    'could be written by others': (file: string) => chmodSync(file, 0o666),
    'is a link': (file: string) => {
      renameSync(file, join(dirname(file), '../elsewhere'));
      symlinkSync('../elsewhere', file);
    },
    'is a FIFO': (file: string) => {
      rmSync(file);
      execFileSync('mkfifo', [file]);
    },
  }))
    test(`is made anew where it ${what}`, async (t) => {
      const it = await keptBy(t);
      spoil(it.file);
      await it.session();
      const now = lstatSync(it.file);
      assert.deepEqual([now.isFile(), now.mode & 0o777, now.size > 100_000], [true, 0o644, true]);
      assert.notEqual(now.ino, it.ino);
    });

  test('is neither written nor needed where Node is told so, or has options', async (t) => {
    const it = installed(scene(t));
    await it.session({ NODE_DISABLE_COMPILE_CACHE: '1' });
    await it.session({ NODE_OPTIONS: '--max-old-space-size=500' });
    assert.equal(it.kept(), undefined);
  });

  test('is not needed where nothing can be written', {
    skip: process.getuid?.() === 0 && 'permissions do not bind root',
  }, async (t) => {
    const it = installed(scene(t));
    chmodSync(it.bin, 0o555);
    try {
      await it.session();
    } finally {
      chmodSync(it.bin, 0o755);
    }
    assert.equal(it.kept(), undefined);
  });
});
