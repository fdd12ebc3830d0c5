// What is refused at the door of the library: wrong options and pids, named with their value, before anything is made.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  doctor,
  listSessions,
  type OpenSessionOptions,
  openSession,
  profile,
  QwRunError,
  readReceipts,
  reap,
  removeSession,
  runAgent,
  startReaper,
} from 'qw-run';
import { leaseIn, opened } from './helpers/opened.js';
import { deadOwner, forge, leaseOf } from './helpers/reaping.js';
import { type Scene, scene } from './helpers/scene.js';

/** Code, and what the message has to name. */
const refusal =
  (code: string, ...named: string[]) =>
  (error: unknown): true => {
    assert.ok(error instanceof QwRunError && error instanceof Error);
    assert.equal(error.name, 'QwRunError');
    assert.equal(error.code, code, error.message);
    for (const word of named) assert.ok(error.message.includes(word), `${error.message} names ${word}`);
    return true;
  };

describe('a wrong option or variable is named with its value', { concurrency: 2 }, () => {
  const table: [options: Record<string, unknown>, ...named: string[]][] = [
    [{ grace: 'soon' }, 'grace', '"soon"', '5s'],
    [{ grace: '-5s' }, 'grace', '"-5s"'],
    [{ grace: -1 }, 'grace', '-1'],
    [{ grace: Number.NaN }, 'grace'],
    [{ grace: Number.POSITIVE_INFINITY }, 'grace'],
    [{ grace: '5' }, 'grace', '"5"'],
    [{ grace: {} }, 'grace'],
    [{ backend: 'gpt' }, 'backend', '"gpt"', 'claude'],
    [{ survivors: 'maybe' }, 'survivors', '"maybe"', 'keep'],
    [{ env: { QW_GRACE: 'soon' } }, 'QW_GRACE', '"soon"'],
    [{ env: { QW_SURVIVORS: 'maybe' } }, 'QW_SURVIVORS', '"maybe"'],
    [{ env: { QW_MAX_AGE: 'old' } }, 'QW_MAX_AGE', '"old"'],
  ];
  for (const [wrong, ...named] of table) {
    test(`openSession(${describeOptions(wrong)})`, async (t) => {
      const { box } = scene(t);
      const options = { ...wrong, env: { ...box.env, ...(wrong['env'] as object) } } as OpenSessionOptions;
      await assert.rejects(openSession(options), refusal('ERR_QW_USAGE', ...named));
      assert.ok(!existsSync(box.root), 'nothing was made');
    });
  }

  for (const [name, value] of Object.entries({ label: 5, cwd: 5, spare: 5, root: 5, command: 'claude' })) {
    test(`openSession({ ${name}: ${value} }), a wrong type`, async (t) => {
      const { box } = scene(t);
      const options = { env: box.env, [name]: value } as OpenSessionOptions;
      await assert.rejects(openSession(options), (error: QwRunError) => {
        assert.ok(error instanceof TypeError || error.code === 'ERR_QW_USAGE', error.message);
        assert.ok(error.message.includes(name) && error.message.includes(String(value)), error.message);
        return true;
      });
    });
  }

  test('runAgent, listSessions and reap', async (t) => {
    const { box, nothingLeft } = scene(t);
    const env = box.env;
    await assert.rejects(
      runAgent('true', [], { env, grace: 'soon' }),
      refusal('ERR_QW_USAGE', 'grace', 'soon'),
    );
    await assert.rejects(listSessions({ env, maxAge: 'old' }), refusal('ERR_QW_USAGE', 'maxAge', 'old'));
    await assert.rejects(reap({ env, maxAge: 'old' }), refusal('ERR_QW_USAGE', 'maxAge', 'old'));
    const orphans = 'kill' as 'end';
    await assert.rejects(reap({ env, orphans }), refusal('ERR_QW_USAGE', 'orphans', 'kill'));
    nothingLeft();
  });
});

describe('an option that nobody knows is refused, and the one that may be meant is named', {
  concurrency: 2,
}, () => {
  test('by each function, before it does anything', async (t) => {
    const { box, nothingLeft } = scene(t);
    const env = box.env;
    const any = (options: object): never => ({ env, ...options }) as never;
    const refused = (call: () => unknown, ...words: string[]) =>
      assert.rejects(async () => call(), refusal('ERR_QW_USAGE', ...words));
    await refused(() => openSession(any({ lable: 'x' })), 'openSession()', '"lable"', 'did you mean label?');
    await refused(() => runAgent('true', [], any({ execca: {} })), 'runAgent()', 'did you mean execa?');
    await refused(() => runAgent('true', [], any({ command: ['x'] })), 'runAgent()', '"command"', 'it takes');
    await refused(() => listSessions(any({ maxage: '1h' })), 'listSessions()', 'did you mean maxAge?');
    await refused(() => reap(any({ dryrun: true })), 'reap()', '"dryrun"', 'did you mean dryRun?');
    await refused(() => reap(any({ enabled: true })), 'reap()', '"enabled"');
    await refused(() => reap('dry' as never), 'reap()', '"dry"', 'object');
    await refused(() => startReaper(any({ onreport() {} })), 'startReaper()', 'did you mean onReport?');
    await refused(() => removeSession('abcd1234', any({ forced: true })), 'did you mean force?');
    await refused(() => readReceipts(any({ limits: 1 })), 'readReceipts()', 'did you mean limit?');
    await refused(() => doctor(any({ timeout: '1s' })), 'doctor()', '"timeout"');
    await refused(() => profile(any({ command: 'x', tmpDir: '/x' })), 'profile()', 'did you mean tmpdir?');
    nothingLeft();
  });

  test('of reap: nothing is reaped', async (t) => {
    const here = scene(t);
    forge(here.box, 'dead1234', { lease: leaseOf('dead1234', { owner: deadOwner() }) });
    await assert.rejects(reap({ env: here.box.env, dryrun: true } as never), refusal('ERR_QW_USAGE'));
    assert.deepEqual(here.box.left(), ['dead1234']);
    await reap({ env: here.box.env, dryrun: undefined } as never);
    here.nothingLeft();
  });

  test('by a session: end() rejects and has not begun', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    assert.throws(() => session.command('true', [], { cmd: '/' } as never), refusal('ERR_QW_USAGE', 'cwd'));
    await assert.rejects(session.end({ kepp: true } as never), refusal('ERR_QW_USAGE', 'did you mean keep?'));
    await assert.rejects(session.end({ grace: 'soon' }), refusal('ERR_QW_USAGE', 'grace', '"soon"'));
    assert.equal(session.env()['TMPDIR'], session.tmpdir);
    assert.equal((await session.end()).state, 'removed');
    here.nothingLeft();
  });
});

describe('a root that cannot be used is named, and stands alone', { concurrency: 2 }, () => {
  const table: [what: string, code: string, make: (scene: Scene) => string][] = [
    ['a link', 'ERR_QW_ROOT_UNSAFE', (here) => linked(here)],
    ['a file', 'ERR_QW_ROOT_UNSAFE', ({ box }) => file(join(box.dir, 'x'))],
    ['open to others', 'ERR_QW_ROOT_UNSAFE', ({ box }) => directory(join(box.dir, 'x'), 0o755)],
    ['below one open to others', 'ERR_QW_ROOT_UNSAFE', ({ box }) => join(directory(box.cwd, 0o777), 'x')],
    ['too long', 'ERR_QW_ROOT_TOO_LONG', ({ box }) => join(box.dir, 'x'.repeat(30))],
    ['without a parent', 'ERR_QW_ROOT_UNUSABLE', ({ box }) => join(box.dir, 'no/root')],
  ];
  for (const [what, code, make] of table) {
    test(what, async (t) => {
      const here = scene(t);
      const root = make(here);
      for (const options of [{ root, env: here.box.env }, { env: { ...here.box.env, QW_ROOT: root } }]) {
        await assert.rejects(openSession(options), (error: QwRunError) => {
          assert.ok(error.path && root.startsWith(error.path), error.path);
          return refusal(code, error.path)(error);
        });
      }
      assert.ok(!existsSync(here.box.root));
    });
  }
});

describe('adopt()', { concurrency: 2 }, () => {
  for (const pid of [0, 1, -1, process.pid, Number.NaN, 1.5, '12' as unknown as number, undefined]) {
    test(`refuses ${JSON.stringify(pid)}${pid === process.pid ? ', which is us' : ''}`, async (t) => {
      const session = await opened(t, scene(t));
      const adopt = () => session.adopt(pid as number);
      assert.throws(adopt, refusal('ERR_QW_NO_PROCESS', String(pid)));
      assert.equal(leaseIn(session)['agent'], undefined);
    });
  }
});

for (const keep of [false, true])
  test(`after end(${JSON.stringify({ keep })}) nothing can be started or adopted, while it ends neither`, async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const refuse = () => {
      for (const call of [
        () => session.env(),
        () => session.args('true', []),
        () => session.command('true'),
        () => session.adopt(process.ppid),
      ])
        assert.throws(call, refusal('ERR_QW_SESSION_ENDED', session.id));
    };
    session.beginEnd();
    assert.equal(session.env()['TMPDIR'], session.tmpdir);
    const ended = session.end({ keep });
    refuse();
    await ended;
    refuse();
    if (keep)
      assert.deepEqual((await removeSession(session.id, { env: here.box.env })).removed, [session.id]);
    here.nothingLeft();
  });

function linked({ box }: Scene): string {
  symlinkSync(directory(join(box.dir, 'y'), 0o700), join(box.dir, 'x'));
  return join(box.dir, 'x');
}

function file(path: string): string {
  writeFileSync(path, '');
  return path;
}

function directory(path: string, mode: number): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  return path;
}

function describeOptions(options: object): string {
  return JSON.stringify(options, (_key, value) => (typeof value === 'number' ? String(value) : value));
}
