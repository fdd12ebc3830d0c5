// qw-tmp list: each state there is, as a table for people and as JSON with every key of the contract, and never a control
// character of somebody else's on the terminal.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { SessionList } from 'qw-run';
import { run } from '../helpers/cli.js';
import { makeRoot } from '../helpers/make-root.js';
import { outsider } from '../helpers/outsider.js';
import { qwTmp } from '../helpers/paths.js';
import {
  deadOwner,
  forge,
  identityOf,
  killed,
  leaseOf,
  openOwnerless,
  openWith,
  put,
  reapOnce,
} from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const WAIT = 'echo "ready $$ "; exec sleep 600';
const KEYS =
  'agent backend bytes command createdAt dir entries growthPerMinute holders id isolate label lastActivity owner reason root state tmpdir work';

async function listed(here: Scene, args: string[] = []): Promise<SessionList> {
  const { code, stdout, stderr } = await run(qwTmp, ['list', '--json', ...args], here.options);
  assert.deepEqual([code, stderr], [0, '']);
  return JSON.parse(stdout);
}

const shown = async (here: Scene): Promise<string> => {
  const { code, stdout, stderr } = await run(qwTmp, ['list', '--root', here.box.root], here.options);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout;
};

describe('qw-tmp list', { concurrency: 2 }, () => {
  test('tells all of a living session, as a row and as JSON', async (t) => {
    const here = scene(t);
    const { id, tmpdir, wrapper, agent } = await openWith(
      here,
      ['--label', 'Bau 1'],
      `echo 12345 > "$TMPDIR/f"; ${WAIT}`,
    );
    const { version, roots, sessions, headroom, ...rest } = await listed(here, ['--root', here.box.root]);
    assert.deepEqual(
      [version, roots, rest, sessions.length],
      [1, [here.box.root], { unseen: [], lately: [] }, 1],
    );
    const [session] = sessions;
    assert.ok(session);
    assert.deepEqual(Object.keys(session).sort().join(' '), KEYS);
    const {
      owner,
      createdAt,
      lastActivity,
      bytes,
      entries,
      reason,
      holders,
      command,
      growthPerMinute,
      ...said
    } = session;
    assert.deepEqual(said, {
      ...{ id, label: 'Bau 1', backend: 'generic', state: 'live', root: here.box.root, isolate: null },
      ...{ dir: join(here.box.root, id), tmpdir, agent: identityOf(agent), work: [] },
    });
    assert.equal(owner?.pid, wrapper.pid);
    assert.deepEqual([typeof reason, command.slice(0, 2)], ['string', ['sh', '-c']]);
    for (const time of [createdAt, lastActivity])
      assert.ok(Math.abs(Date.parse(time ?? '') - Date.now()) < 120_000, `${time}`);
    assert.ok(bytes > 0 && entries >= 1 && Number.isInteger(bytes) && Number.isInteger(entries));
    assert.ok(Array.isArray(holders));
    assert.equal(growthPerMinute, null, 'too young to tell');
    const [room, ...rooms] = headroom;
    assert.deepEqual([room?.root, rooms], [here.box.root, []]);
    assert.ok(room && room.bytesFree > 0 && room.bytesFree <= room.bytesTotal);
    assert.ok(room.inodesFree <= room.inodesTotal);
    const [head, row = ''] = (await shown(here)).split('\n');
    assert.match(head ?? '', /^STATE +ID +LABEL +AGE +SIZE +PER MIN +COMMAND$/);
    assert.match(row, new RegExp(`^live +${id} +Bau 1 +\\d+\\w +[\\d.]+ \\w+ +sh -c `));
    await killed(agent);
    await wrapper.done;
    here.nothingLeft();
  });

  test('knows live, kept, orphan, held, foreign and unknown ones apart', async (t) => {
    const here = scene(t);
    const live = await openWith(here, [], WAIT);
    const kept = await openWith(here, ['--keep'], 'echo "ready $$ "; sleep 0.2');
    await kept.wrapper.done;
    const held = await openOwnerless(here, WAIT);
    const used = forge(here.box, 'used0000', { lease: leaseOf('used0000') });
    const holder = await outsider(here, 'file', join(used.tmpdir, 'held'));
    const elsewhere = { ...deadOwner(), host: 'elsewhere', bootId: 'another', pidNamespace: '1' };
    forge(here.box, 'foreign0', { lease: leaseOf('foreign0', { owner: elsewhere }) });
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    forge(here.box, 'nolease0');
    forge(here.box, 'badlease', { lease: '{"version":1' });
    mkdirSync(join(here.box.root, 'Not-Ours'));
    writeFileSync(join(here.box.root, 'afile000'), '');
    const { sessions } = await listed(here);
    const states = { ...Object.fromEntries(sessions.map(({ id, state }) => [id, state])) };
    assert.deepEqual(states, {
      ...{ [live.id]: 'live', [kept.id]: 'kept', [held.id]: 'held', used0000: 'held', foreign0: 'foreign' },
      ...{ orphan00: 'orphan', nolease0: 'unknown', badlease: 'unknown' },
    });
    for (const session of sessions) {
      assert.equal(Object.keys(session).sort().join(' '), KEYS);
      assert.notEqual(session.reason, '');
    }
    const nothing = sessions.find(({ id }) => id === 'nolease0');
    const { label, backend, command, owner, agent, createdAt } = nothing ?? assert.fail();
    assert.deepEqual(
      { label, backend, command, owner, agent, createdAt },
      {
        ...{ label: null, backend: null, command: [], owner: null, agent: null, createdAt: null },
      },
    );
    const [one] = sessions.find(({ id }) => id === 'used0000')?.holders ?? [];
    assert.deepEqual([one?.pid, one?.why], [holder, 'holder']);
    const text = await shown(here);
    for (const [id, state] of Object.entries(states))
      assert.match(text, new RegExp(`^${state} +${id} `, 'm'));
    assert.match(text, new RegExp(`^used0000 is held by .*${holder}`, 'm'));
  });

  test('never gives a control character of a label, command or program to the terminal', async (t) => {
    const here = scene(t);
    const evil = '\u001b[31m\u0007\r\n\u009b2J\u202e\u2028x';
    forge(here.box, 'evil0000', {
      lease: leaseOf('evil0000', { label: evil, command: [evil, evil], cwd: evil }),
    });
    const text = await shown(here);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
    assert.equal(text.trimEnd().split('\n').length, 4); // heading, row, blank, headroom
    assert.match(text, /\\x1b\[31m/);
    const { sessions } = await listed(here);
    assert.equal(sessions[0]?.label, evil);
    const { stdout } = await run(qwTmp, ['list', '--json'], here.options);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f]/);
  });

  test('says so where there is nothing', async (t) => {
    const here = scene(t);
    const { code, stdout } = await run(qwTmp, ['list'], here.options);
    assert.equal(code, 0);
    assert.match(stdout, /^no sessions.*\n$/);
    assert.deepEqual(await listed(here), {
      version: 1,
      roots: [],
      sessions: [],
      headroom: [],
      unseen: [],
      lately: [],
    });
    assert.deepEqual(here.box.left(), []);
    makeRoot(here.box.root);
    assert.equal(await shown(here), `no sessions in ${here.box.root}\n`);
  });

  test('chooses by state, sorts, and gives ids alone or TMPDIR too', async (t) => {
    const here = scene(t);
    const at = (day: number) => `2020-01-0${day}T00:00:00.000Z`;
    const kept = (createdAt: string) => ({ createdAt, kept: { at: createdAt } });
    forge(here.box, 'small000', { lease: leaseOf('small000', { ...kept(at(1)), label: 'b' }) });
    const large = forge(here.box, 'large000', { lease: leaseOf('large000', { ...kept(at(2)), label: 'a' }) });
    put(join(large.tmpdir, 'much'), 'x'.repeat(100_000));
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00', { createdAt: at(3) }) });
    const ls = (...args: string[]) => run(qwTmp, ['ls', '-q', ...args], here.options);
    for (const [args, ids] of [
      [[], ['small000', 'large000', 'orphan00']],
      [
        ['--sort', 'size', '--state', 'kept'],
        ['large000', 'small000'],
      ],
      [
        ['--sort', 'label'],
        ['large000', 'small000', 'orphan00'],
      ],
      [['--state', 'orphan,live'], ['orphan00']],
      [['--state', 'live'], []],
    ] as const) {
      const { code, stdout, stderr } = await ls(...args);
      assert.deepEqual([code, stdout, stderr], [0, ids.map((id) => `${id}\n`).join(''), '']);
    }
    const wide = await run(qwTmp, ['ls', '--wide', '--state', 'kept'], here.options);
    assert.match(wide.stdout, /PER MIN +TMPDIR +COMMAND/);
    assert.ok(wide.stdout.includes(` ${large.tmpdir} `) && !wide.stdout.includes('orphan00'));
    const none = await run(qwTmp, ['ls', '--state', 'live'], here.options);
    assert.equal(none.stdout, `no live sessions in ${here.box.root}\n`);
  });

  test('shows a command as it could be typed, and no line is cut in a pipe', async (t) => {
    const here = scene(t);
    const command = ['sh', '-c', `echo it's ${'long '.repeat(60)}`, ''];
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00', { command }) });
    const typed = `sh -c 'echo it'\\''s ${'long '.repeat(60)}' ''`;
    assert.ok((await shown(here)).includes(`  ${typed}\n`));
  });

  test('reports the size that reap reports, and free space as df does', async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    put(join(tmpdir, 'deep/er/file'), 'x'.repeat(50_000));
    const { sessions, headroom } = await listed(here);
    const { report } = await reapOnce(here);
    const { bytes, entries } = sessions[0] ?? assert.fail();
    assert.deepEqual({ bytes, entries }, { bytes: report.bytes, entries: report.entries });
    const { bytesTotal, bytesUsed, bytesFree } = headroom[0] ?? assert.fail();
    const df = spawnSync('df', ['-B1', '--output=size,used,avail', here.box.root], { encoding: 'utf8' });
    const [size = 0, used = 0, free = 0] =
      df.stdout.trim().split('\n').at(-1)?.trim().split(/\s+/).map(Number) ?? [];
    assert.equal(bytesTotal, size);
    for (const [ours, theirs] of [
      [bytesUsed, used],
      [bytesFree, free],
    ] as const) // others write meanwhile
      assert.ok(Math.abs(ours - theirs) < size / 100 + 2 ** 28, `${ours} ${theirs}`);
  });
});
