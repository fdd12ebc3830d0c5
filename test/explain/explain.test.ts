// qw-tmp explain, by id, path and pid: of what lives, is held, kept or an orphan, of what is gone, and of strangers.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { outsider } from '../helpers/outsider.js';
import { qwExec, qwRun, qwTmp } from '../helpers/paths.js';
import { forge, killed, leaseOf, openOwnerless, openWith, put, reapOnce } from '../helpers/reaping.js';
import { logOf, receiptsIn } from '../helpers/receipts.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const AGENT = 'echo "ready $$ "; exec sleep 600';

async function explained(here: Scene, about: string, wanted = 0): Promise<string> {
  const { code, stdout, stderr } = await run(qwTmp, ['explain', about], here.options);
  assert.deepEqual([code, stderr], [wanted, ''], stdout);
  return stdout;
}

describe('qw-tmp explain', { concurrency: 2 }, () => {
  test('a session that lives: by id, a path in it, its agent, its owner, and who only looks in', async (t) => {
    const here = scene(t);
    const { wrapper, agent, id, tmpdir } = await openWith(here, ['--label', 'tab 1'], AGENT);
    const file = put(join(tmpdir, 'deep/file'));
    const link = join(here.box.dir, 'link');
    symlinkSync(file, link);
    for (const about of [id, 'tab 1', tmpdir, file, link, join(tmpdir, 'not/there')])
      assert.match(
        await explained(here, about),
        new RegExp(
          `^session ${id} "tab 1" of sh -c .*\\nlive: its owner, process ${wrapper.pid}, lives\\ngoes: when`,
        ),
      );
    assert.match(await explained(here, `${agent}`), new RegExp(`belongs to session ${id}: `));
    assert.match(await explained(here, `${wrapper.pid}`), new RegExp(`is the owner of session ${id}`));
    const stranger = await outsider(here, 'file', file);
    assert.match(await explained(here, `${stranger}`), new RegExp(`only uses session ${id}: .*deep/file`));
    await killed(stranger);
    wrapper.child.kill('SIGTERM');
    await wrapper.done;
    const gone = await explained(here, file);
    assert.match(gone, /it is not in .* any more\n.*: (ended .*; )?removed, by its owner\n$/);
    assert.equal(await explained(here, 'tab 1'), await explained(here, id));
    const past = await explained(here, `${agent}`);
    assert.match(
      past,
      /^not ours: nothing connects .*\nnumbers .* used again; .*\n.* was the agent of session/,
    );
  });

  test('one that is held, kept, an orphan, unknown, and what comes of it', async (t) => {
    const here = scene(t);
    const held = await openOwnerless(here, AGENT);
    await waitUntil('its exec is done', () => nameOf(held.agent) === 'sleep');
    assert.match(
      await explained(here, held.id),
      new RegExp(
        `held: its owner is dead, and it is in use by sleep \\(${held.agent}\\).*\\ngoes: when they`,
      ),
    );
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    assert.match(await explained(here, 'orphan00'), /orphan: nobody owns or uses it/);
    forge(here.box, 'nolease0');
    assert.match(await explained(here, 'nolease0'), /unknown: .* no lease\ngoes: when .* 72 hours/);
    await run(qwRun, ['--keep', 'true'], here.options);
    const kept = receiptsIn(here).find(({ state }) => state === 'kept')?.id ?? '';
    assert.match(
      await explained(here, kept),
      new RegExp(`kept: .*\\ngoes: never by itself: qw-tmp rm ${kept}\\n`),
    );
    await reapOnce(here, ['--orphans', 'end']);
    assert.match(await explained(here, 'orphan00'), /removed \(owner-dead\), by a pass of the reaper\n$/);
    assert.match(await explained(here, held.id), /ended sleep \(\d+\); removed \(members-ended\)/);
    const { stdout } = await run(qwTmp, ['explain', '--json', kept], here.options);
    const { isOurs, kind, state, reason, id } = JSON.parse(stdout);
    const all = { isOurs: true, kind: 'session', state: 'kept', reason: 'kept-on-request', id: kept };
    assert.deepEqual({ isOurs, kind, state, reason, id }, all);
  });

  test('a label that looks like an id or a pid; of several sessions the newest', async (t) => {
    const here = scene(t);
    for (const label of ['frontend', '9999999']) {
      await run(qwRun, ['--label', label, 'true'], here.options);
      mkdirSync(join(here.box.cwd, label)); // a path would be ./frontend
      assert.match(await explained(here, label), new RegExp(`^session \\w{8} "?${label}"? of true`));
    }
    const days = { aaaaaaaa: '02', bbbbbbbb: '03', cccccccc: '01' };
    for (const [id, day] of Object.entries(days))
      forge(here.box, id, {
        lease: leaseOf(id, { label: 'frontend', createdAt: `2026-01-${day}T00:00:00.000Z` }),
      });
    assert.match(await explained(here, 'frontend'), /^session bbbbbbbb /);
    assert.match(await explained(here, 'cccccccc'), /^session cccccccc /);
  });

  test('a start that got no session is told as that', async (t) => {
    const here = scene(t);
    const env = { ...here.options.env, QW_ROOT: '/proc/x' };
    await run(qwExec, ['true'], { ...here.options, env });
    const [receipt] = receiptsIn(here);
    assert.match(
      await explained(here, receipt?.id ?? ''),
      /^session \w{8} of true: it was never opened\n\S+: no session: root .*; qw-exec ran the command without one\n$/,
    );
  });

  test('what is not ours: exit 1, and so', async (t) => {
    const here = scene(t);
    await run(qwRun, ['true'], here.options);
    mkdirSync(join(here.box.dir, 'mine'));
    const { pid } = spawnSync('true');
    const strangers = [
      'zzzzzzzz',
      join(here.box.dir, 'mine'),
      join(here.box.dir, 'nothing'),
      '.',
      '/',
      `${pid}`,
      '1',
    ];
    for (const about of strangers) assert.match(await explained(here, about, 1), /^not ours: /, about);
    assert.match(await explained(here, here.box.root), /belongs to the managed root/);
    assert.match(await explained(here, '/tmp/claude-http-0123456789abcdef.sock', 1), /^not ours: /);
  });

  test('of a root that is gone, by what receipts say, harmless on a terminal', async (t) => {
    const here = scene(t);
    await run(qwRun, ['--label', 'a\x1b[31m\u009b', 'true'], here.options);
    const [receipt] = receiptsIn(here);
    rmSync(here.box.root, { recursive: true });
    const told = await explained(here, receipt?.tmpdir ?? '');
    assert.match(told, /"a\\x1b\[31m\\x9b"|"a\\u001b\[31m/);
    assert.ok(!told.includes('\x1b') && !told.includes('\u009b'));
    const forged = { ...receipt, id: 'forged00', ended: [{ pid: 1, name: '\x1b[2J', evidence: '\u202e' }] };
    writeFileSync(logOf(here), `${JSON.stringify(forged)}\n{"version":2}\ntorn`, { flag: 'a' });
    assert.match(await explained(here, 'forged00'), /ended \\x1b\[2J \(1\); removed/);
    assert.ok(readFileSync(logOf(here), 'utf8').endsWith('torn'));
  });

  test('misuse', async (t) => {
    const here = scene(t);
    for (const args of [['explain'], ['explain', 'a', 'b'], ['explain', '']]) {
      const { code, stderr } = await run(qwTmp, args, here.options);
      assert.deepEqual([code, stderr], [2, 'qw-tmp: explain needs one path, id of a session, or pid\n']);
    }
  });
});
