// qw-tmp doctor as a user runs it: nothing changes by it, each finding's command mends it, and whatever is broken around it is
// told, not fallen over.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { Diagnosis } from 'qw-run';
import { deadClaim } from '../helpers/claims.js';
import { run } from '../helpers/cli.js';
import { diagnose } from '../helpers/diagnosed.js';
import { makeRoot } from '../helpers/make-root.js';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { noLongTimers } from '../helpers/preloads.js';
import { quoted } from '../helpers/quoted.js';
import { forge, killed, leaseOf, openOwnerless, openWith, picture, put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const KEYS =
  'agents cut environment findings isHealthy legacy machine ms places roots sessions trash unseen version';
const WAIT = 'echo "ready $$ "; exec sleep 600';

/** Commands as a shell of the user's runs them: ours are in PATH, what it exports lasts for what comes after. */
function mended({ box, options }: Scene, command: string): Promise<{ told: string[] }> {
  const bin = join(box.dir, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, target] of [
    ['qw-run', qwRun],
    ['qw-tmp', qwTmp],
  ] as const)
    if (!existsSync(join(bin, name))) symlinkSync(target, join(bin, name));
  const path = `${bin}:${dirname(process.execPath)}:${options.env['PATH']}`;
  const script = `${command} >&2 || exit; exec env -0`;
  const { stdout, status, stderr } = spawnSync('bash', ['-c', script], {
    ...options,
    env: { ...options.env, PATH: path },
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${command}: ${stderr}`);
  const entries = stdout.split('\0').filter(Boolean);
  const env = Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  return diagnose({ ...options, env });
}

describe('qw-tmp doctor', { concurrency: 2 }, () => {
  test('finds nothing to do in a new place, and makes nothing', async (t) => {
    const here = scene(t);
    const { told, diagnosis } = await diagnose(here.options);
    assert.deepEqual(told, []);
    assert.equal(Object.keys(diagnosis).sort().join(' '), KEYS);
    const [root, ...others] = diagnosis.roots;
    assert.deepEqual([root?.path, root?.state, root?.exists, others], [here.box.root, 'chosen', false, []]);
    assert.deepEqual([diagnosis.version, diagnosis.sessions, diagnosis.cut], [1, [], []]);
    assert.deepEqual(readdirSync(here.box.dir).sort(), ['home', 'w']);
    assert.deepEqual(readdirSync(join(here.box.dir, 'home')), []);
  });

  test('shows every kind of session, the trash and what agents left, and changes nothing', async (t) => {
    const here = scene(t);
    const { box, options } = here;
    // Its owner looks for room after 5 s, and notes that beside the lease.
    const still = { ...here, options: { ...options, env: { ...options.env, ...noLongTimers() } } };
    const live = await openWith(still, [], WAIT);
    const held = await openOwnerless(here, WAIT);
    forge(box, 'orphan00', { lease: leaseOf('orphan00') });
    forge(box, 'kept0000', { lease: leaseOf('kept0000', { kept: { at: new Date().toISOString() } }) });
    forge(box, 'nolease0');
    put(join(box.root, `.trash/dead0000.${deadClaim()}/file`));
    const temporary = join(box.dir, 't');
    put(join(temporary, `claude-${process.getuid?.()}/p/tasks/x`));
    const env = { ...options.env, TMPDIR: temporary, QW_ROOT: box.root };
    const before = pictures(here);
    const { told, diagnosis } = await diagnose({ ...options, env });
    assert.deepEqual(pictures(here), before);
    assert.deepEqual(told.sort(), [
      `note held ${held.id}`,
      'note kept kept0000',
      `note trash ${box.root}`,
      'note unknown-session nolease0',
      'warning orphan orphan00',
    ]);
    assert.equal(diagnosis.sessions.find(({ id }) => id === live.id)?.state, 'live');
    const [left] = diagnosis.legacy.filter(({ dir }) => dir === temporary);
    assert.match(left?.maker ?? '', /Claude/);
    assert.deepEqual([left?.count, left?.size.entries, left?.stale.count], [1, 4, 0]);
    await killed(live.agent);
    await live.wrapper.done;
    await killed(held.agent);
  });

  const mends: [what: string, code: string, prepare: (here: Scene) => void][] = [
    ['a root that is open to others', 'no-root', ({ box }) => mkdirSync(box.root, { mode: 0o755 })],
    ['a root that is a link', 'no-root', ({ box }) => symlinkSync(box.cwd, box.root)],
    [
      'a root whose parent is missing',
      'no-root',
      ({ box, options }) => {
        options.env['QW_ROOT'] = join(box.dir, 'a b/r');
      },
    ],
    ['an orphan', 'orphan', ({ box }) => forge(box, 'orphan00', { lease: leaseOf('orphan00') })],
    [
      'a kept session',
      'kept',
      ({ box }) =>
        forge(box, 'kept0000', { lease: leaseOf('kept0000', { kept: { at: new Date().toISOString() } }) }),
    ],
    ['a session without a lease', 'unknown-session', ({ box }) => forge(box, 'nolease0')],
    [
      'trash',
      'trash',
      ({ box }) => {
        makeRoot(box.root);
        put(join(box.root, `.trash/dead0000.${deadClaim()}/file`));
      },
    ],
    [
      'a wrong variable',
      'bad-setting',
      ({ options }) => {
        options.env['QW_SURVIVORS'] = 'all';
      },
    ],
    [
      'a wrong mark',
      'bad-setting',
      ({ options }) => {
        options.env['QW_LOW'] = 'much';
      },
    ],
    [
      'marks that do not fit',
      'bad-setting',
      ({ options }) => {
        Object.assign(options.env, { QW_LOW: '20%', QW_TARGET: '10%' });
      },
    ],
    [
      'a TMPDIR that is not there',
      'inherited',
      ({ box, options }) => {
        options.env['TMPDIR'] = join(box.dir, 'gone');
      },
    ],
    [
      'a TMPDIR that is a file',
      'inherited',
      ({ box, options }) => {
        options.env['TMPDIR'] = put(join(box.dir, 'file'));
      },
    ],
    [
      'a TMPDIR that is a link to nowhere',
      'inherited',
      ({ box, options }) => {
        options.env['TMPDIR'] = join(box.dir, 'link');
        symlinkSync(join(box.dir, 'gone'), join(box.dir, 'link'));
      },
    ],
    [
      'a TMPDIR of another session',
      'inherited',
      ({ box, options }) => {
        options.env['TMPDIR'] = forge(box, 'kept0000', { lease: leaseOf('kept0000') }).tmpdir;
      },
    ],
  ];
  for (const [what, code, prepare] of mends)
    test(`${what}: told, and mended by the command`, async (t) => {
      const here = scene(t);
      prepare(here);
      const { told, command } = await diagnose(here.options);
      assert.ok(
        told.some((one) => one.includes(` ${code} `)),
        told.join('\n'),
      );
      const after = await mended(here, command(code));
      assert.deepEqual(
        after.told.filter((one) => one.includes(` ${code} `)),
        [],
      );
    });

  test('a home that is nowhere, and a working directory that is gone', async (t) => {
    const here = scene(t);
    const env: NodeJS.ProcessEnv = { ...here.options.env, HOME: '/nowhere/at/all' };
    delete env['XDG_STATE_HOME'];
    const { told } = await diagnose({ ...here.options, env });
    const state = '/nowhere/at/all/.local/state/qw-run';
    assert.deepEqual(told, process.getuid?.() === 0 ? [] : [`note roots-forgotten ${state}`]);
    const script = `mkdir gone && cd gone && rmdir ../gone && exec ${quoted('node', qwTmp)} doctor --json`;
    const { stdout, stderr } = await run(
      '-e',
      [
        `process.exitCode = require('node:child_process')
      .spawnSync('sh', ['-c', ${JSON.stringify(script)}], { stdio: 'inherit' }).status`,
      ],
      here.options,
    );
    assert.equal(stderr, '');
    assert.equal(JSON.parse(stdout).version, 1);
  });

  test('gives the same to a program, also to one without a file', async (t) => {
    const here = scene(t);
    const script = `require('qw-run').doctor().then((it) => console.log(JSON.stringify(it)));`;
    const options = { ...here.options, cwd: repoRoot };
    const { stdout } = await run('-e', [script], options);
    const { machine, findings, roots } = JSON.parse(stdout);
    const printed = await diagnose(options);
    assert.deepEqual([machine, roots], [printed.diagnosis.machine, printed.diagnosis.roots]);
    // How full the disk is, and what others have in /tmp, is another figure at every look.
    const still = (all: Diagnosis['findings']) =>
      all.filter(({ code }) => !['full', 'low', 'legacy'].includes(code));
    assert.deepEqual(still(findings), still(printed.diagnosis.findings));
  });

  test('inside a session nothing is amiss', async (t) => {
    const here = scene(t);
    const script = `exec ${quoted(process.execPath, qwTmp)} doctor --json`;
    const { stdout, stderr } = await run(qwRun, ['sh', '-c', script], here.options);
    assert.equal(stderr, '');
    const { environment, roots } = JSON.parse(stdout);
    assert.match(environment.session, /^[a-z0-9]{8}$/);
    assert.equal(roots[0].path, here.box.root);
    here.nothingLeft();
  });

  test('stops when its time is up, and says what it did not see', async (t) => {
    const here = scene(t);
    const temporary = join(here.box.dir, 't');
    for (let n = 0; n < 3_000; n += 1)
      mkdirSync(join(temporary, `claude-empty-${String(n).padStart(6, '0')}`), { recursive: true });
    forge(here.box, 'kept0000', { lease: leaseOf('kept0000', { kept: { at: new Date().toISOString() } }) });
    const env = { ...here.options.env, TMPDIR: temporary };
    const { told, diagnosis } = await diagnose({ ...here.options, env }, ['--time', '0']);
    assert.ok(diagnosis.cut.includes(temporary) && diagnosis.cut.includes(here.box.root), `${diagnosis.cut}`);
    assert.ok(told.some((one) => one.startsWith('note time-up ')));
    assert.equal(diagnosis.sessions[0]?.size.isPartial, true);
    const whole = await diagnose({ ...here.options, env });
    assert.deepEqual(whole.diagnosis.cut, []);
    assert.equal(whole.diagnosis.legacy.find(({ dir }) => dir === temporary)?.count, 3_000);
  });
});

/** Everything here but the root itself: the probe's file was in it. */
const pictures = ({ box }: Scene): string[] => picture(box.dir).filter((line) => !line.startsWith('r '));
