// What an agent runs after a command that failed: with room, and where nothing can be looked at, it says nothing; so does what
// its owner reads of it. On full disks: as-root/tell.test.ts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lutimesSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openSession } from 'qw-run';
import { tellCommand } from '#src/session/tell-command.js';
import { noteFull, prepareNote, readNote } from '#src/space/full-note.js';
import { run } from '../helpers/cli.js';
import { fakeClaude } from '../helpers/fake-claude.js';
import { qwRun } from '../helpers/paths.js';
import { sandbox } from '../helpers/sandbox.js';
import { scene } from '../helpers/scene.js';

describe('the hook', () => {
  const quiet: [what: string, before: string, make: (tmpdir: string) => void][] = [
    ['with room', '', () => {}],
    ['where TMPDIR is gone', '', (tmpdir) => rmSync(tmpdir, { recursive: true })],
    ['where files may have no size', 'ulimit -f 1; ', () => {}],
    ['in an environment that breaks Node', 'export NODE_OPTIONS=--no-such PATH=; ulimit -f 1; ', () => {}],
  ];
  for (const [what, before, make] of quiet)
    test(`says nothing ${what}, and leaves nothing`, (t) => {
      const { dir, cwd } = sandbox(t);
      const tmpdir = join(dir, 'a place', 'tmp');
      mkdirSync(tmpdir, { recursive: true });
      const command = tellCommand('Event', { root: dir, tmpdir, files: { dir: cwd, seenAs: cwd } });
      make(tmpdir);
      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', before + command], { encoding: 'utf8' });
      assert.deepEqual([status, stdout, stderr], [0, '', '']);
      assert.equal(readNote(join(cwd, 'full')), undefined);
      rmSync(join(cwd, 'full'));
      if (what !== 'where TMPDIR is gone') assert.deepEqual(readdirSync(tmpdir), []);
    });
});

describe('the note', () => {
  test('says when and why, the first time', (t) => {
    const file = join(sandbox(t).cwd, 'full');
    prepareNote(file);
    assert.equal(readNote(file), undefined);
    const before = Date.now();
    noteFull(file, 'EDQUOT');
    const { code, at } = readNote(file) ?? {};
    assert.equal(code, 'EDQUOT');
    assert.ok(Math.abs(Date.parse(at ?? '') - before) < 60_000);
    noteFull(file, 'ENOSPC');
    assert.equal(readNote(file)?.code, 'EDQUOT');
  });
  test('is none where it is missing, a link, from tomorrow or of another error', (t) => {
    const { cwd } = sandbox(t);
    const file = join(cwd, 'full');
    assert.equal(readNote(file), undefined);
    noteFull(file, 'ENOSPC'); // nothing is made then
    assert.deepEqual(readdirSync(cwd), []);
    prepareNote(file);
    utimesSync(file, 28, Date.now() / 1000 + 86_400);
    assert.equal(readNote(file), undefined);
    utimesSync(file, 5, Date.now() / 1000);
    assert.equal(readNote(file), undefined);
    symlinkSync('full', `${file}.link`);
    lutimesSync(`${file}.link`, 28, Date.now() / 1000);
    assert.equal(readNote(`${file}.link`), undefined);
  });
});

describe('a session of Claude', () => {
  for (const [version, how] of [
    ['2.1.138', 'in a file beside the lease, gone with it'],
    ['2.1.139', 'as JSON, which goes on in the background without it'],
  ] as const)
    test(`gets the hook ${how}; not where nobody wants it`, async (t) => {
      const here = scene(t);
      const fake = fakeClaude(here, version);
      const open = (tell?: boolean) =>
        openSession({ env: { ...fake.env, QW_TELL: '' }, cwd: here.box.cwd, command: ['claude'], tell });
      const told = await open();
      const [given = '', ...rest] = told.args('claude', ['-p', 'hi']);
      const begin = version === '2.1.138' ? `${told.dir}/settings-` : '{"hooks":{"PostToolUseFailure":[';
      assert.deepEqual([given.startsWith(`--settings=${begin}`), rest], [true, ['-p', 'hi']]);
      const untold = await open(false);
      assert.deepEqual(untold.args('claude', ['-p', 'hi']), ['-p', 'hi']);
      assert.deepEqual([told.warnings, untold.warnings], [[], []]);
      for (const session of [told, untold]) await session.end();
      assert.deepEqual(here.box.left(), []);
    });

  test('hears that its CLAUDE_CODE_TMPDIR is not passed on, once, and of --root', async (t) => {
    const here = scene(t);
    const fake = fakeClaude(here, '2.1.330');
    const env = { ...fake.env, CLAUDE_CODE_TMPDIR: '/elsewhere' };
    const { code, stderr } = await run(qwRun, ['claude', '-p'], { ...here.options, env });
    assert.equal(code, 0);
    assert.match(stderr, /^qw-run: CLAUDE_CODE_TMPDIR is not passed on: [^\n]*--root[^\n]*\n$/);
  });
});
