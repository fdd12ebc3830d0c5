// What JavaScript callers pass by mistake: a value of another type is refused by name, before anything is done.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  doctor,
  listSessions,
  openSession,
  profile,
  QwRunError,
  readReceipts,
  reap,
  removeSession,
  runAgent,
  startReaper,
} from 'qw-run';
import { opened } from './helpers/opened.js';
import { forge, identityOf, leaseOf, realm } from './helpers/reaping.js';
import { scene } from './helpers/scene.js';

type Call = (options: object) => unknown;
const never = (options: object): never => options as never;

const CALLS: Record<string, Call> = {
  openSession: (options) => openSession(never(options)),
  runAgent: (options) => runAgent('true', [], never(options)),
  listSessions: (options) => listSessions(never(options)),
  removeSession: (options) => removeSession('abcd1234', never(options)),
  doctor: (options) => doctor(never(options)),
  reap: (options) => reap(never(options)),
  startReaper: (options) => startReaper(never({ every: '1h', ...options })).stop(),
  readReceipts: (options) => readReceipts(never(options)),
  profile: (options) => profile(never({ command: 'x', tmpdir: '/tmp', ...options })),
};

/** Options by what they are, of each function. */
const FLAGS: Record<string, string[]> = {
  openSession: ['wait', 'keep', 'tell', 'watchdog'],
  removeSession: ['force'],
  reap: ['legacy', 'dryRun'],
  startReaper: ['enabled', 'legacy', 'dryRun'],
};
const LISTENERS: Record<string, string[]> = {
  openSession: ['onReceipt'],
  doctor: ['onProgress'],
  reap: ['onProgress'],
  startReaper: ['onProgress', 'onReport', 'onReceipt'],
};
const TEXTS: Record<string, string[]> = {
  openSession: ['label', 'root', 'cwd'],
  listSessions: ['root'],
  removeSession: ['root'],
  doctor: ['root'],
  reap: ['root'],
  startReaper: ['root'],
  profile: ['tmpdir', 'cwd'],
};
const WORDS: Record<string, string[]> = {
  openSession: ['backend', 'survivors', 'daemon', 'isolate'],
  reap: ['orphans'],
  profile: ['backend', 'daemon'],
};
const DURATIONS: Record<string, string[]> = {
  openSession: ['grace'],
  listSessions: ['maxAge', 'deadline'],
  removeSession: ['deadline'],
  doctor: ['maxAge', 'time'],
  reap: ['maxAge', 'deadline'],
  startReaper: ['every'],
  readReceipts: ['since'],
};
const OTHERS: Record<string, string[]> = {
  openSession: ['command', 'share', 'signal', 'size'],
  runAgent: ['execa'],
  reap: ['low', 'target'],
  startReaper: ['logger'],
  profile: ['args', 'command'],
};
const NAMES: Record<string, string[]> = { openSession: ['spare'], reap: ['spare'] };
const ENV = Object.fromEntries(Object.keys(CALLS).map((name) => [name, ['env']]));

const ODD = [null, 5n, Symbol('s'), new (class Thing {})(), () => {}, Number.NaN];
const isFunction = (value: unknown): boolean => typeof value === 'function';

const TABLE: [what: string, options: Record<string, string[]>, wrong: unknown[]][] = [
  ['a flag', FLAGS, [...ODD, 'false', 'off', 0, 1, []]],
  ['a function that is called', LISTENERS, [...ODD.filter((it) => !isFunction(it)), 'x', 1, true, {}]],
  ['a text', TEXTS, [...ODD, 5, true, ['x']]],
  ['a word', WORDS, [...ODD, 5, true, 'other']],
  ['a duration', DURATIONS, [...ODD, -1, true, '5', [5], ['5s'], Number.POSITIVE_INFINITY]],
  ['names', NAMES, [...ODD, 5, true, [5], {}]],
  ['variables', ENV, [...ODD.filter((it) => !(it instanceof Object) || isFunction(it)), 'x', 5, true, ['x']]],
  ['another one', OTHERS, [...ODD.filter((it) => it?.constructor.name !== 'Thing'), -1, true, [5], 'x']],
];

describe('an option of another type is refused by name', { concurrency: 2 }, () => {
  for (const [what, options, wrong] of TABLE)
    test(what, async (t) => {
      const { box, nothingLeft } = scene(t);
      for (const [call, names] of Object.entries(options))
        for (const name of names)
          for (const value of wrong) {
            if (name === 'command' && call === 'profile' && value === 'x') continue;
            const given = { env: box.env, [name]: value };
            const text = `${call}({ ${name}: ${String(value instanceof Object ? typeof value : value)} })`;
            await assert.rejects(
              async () => CALLS[call]?.(given),
              (error: unknown) => {
                assert.ok(error instanceof QwRunError && error.code === 'ERR_QW_USAGE', `${text}: ${error}`);
                assert.match(error.message, new RegExp(`\\b${name}\\b`), text);
                return true;
              },
              text,
            );
          }
      nothingLeft();
    });

  test('and what was given is shown as it is', async () => {
    const shown: [value: unknown, text: string][] = [
      [Number.NaN, 'NaN'],
      [Number.POSITIVE_INFINITY, 'Infinity'],
      [5n, '5n'],
      [null, 'null'],
      ['soon', '"soon"'],
    ];
    for (const [grace, text] of shown)
      await assert.rejects(
        openSession(never({ grace })),
        (error: Error) => assert.ok(error.message.endsWith(`not ${text}`), error.message) === undefined,
      );
  });

  test('force of removeSession(): nobody is ended', async (t) => {
    const here = scene(t);
    const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() };
    forge(here.box, 'live1234', { lease: leaseOf('live1234', { owner }) });
    const wrong = never({ env: here.box.env, force: 'false' });
    await assert.rejects(removeSession('live1234', wrong), { code: 'ERR_QW_USAGE' });
    assert.deepEqual(here.box.left(), ['live1234']);
  });
});

describe('so is what comes before the options, and of a session', { concurrency: 2 }, () => {
  test('command and arguments', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const env = here.box.env;
    const refused = (call: () => unknown, ...named: string[]) =>
      assert.rejects(
        async () => call(),
        (error: QwRunError) => {
          assert.equal(error.code, 'ERR_QW_USAGE', `${error}`);
          for (const name of named) assert.ok(error.message.includes(name), error.message);
          return true;
        },
      );
    await refused(() => runAgent('', [], { env }), 'command');
    for (const command of [5, null, undefined, ['x']]) {
      await refused(() => runAgent(never(command as never), [], { env }), 'command');
      await refused(() => session.args(never(command as never), []), 'command');
      await refused(() => session.command(never(command as never)), 'command');
    }
    for (const args of ['-p', 5, null, [5]]) {
      await refused(() => runAgent('true', never(args as never), { env }), 'args');
      await refused(() => session.args('true', never(args as never)), 'args');
      await refused(() => session.command('true', never(args as never)), 'args');
    }
    for (const [command, ...args] of [['a\0b'], ['true', 'a\0b']] as [string, ...string[]][]) {
      await refused(() => runAgent(command, args, { env }), 'NUL');
      await refused(() => session.command(command, args), 'NUL');
      assert.equal((await opened(t, here, { command: [command, ...args] })).backend, 'generic');
    }
    for (const base of [5, null, 'x', []]) await refused(() => session.env(never(base as never)), 'base');
    for (const it of [5, null, undefined, {}])
      await refused(() => session.onPressure(never(it as never)), 'listener');
    for (const cwd of [5, null]) await refused(() => session.command('true', [], never({ cwd })), 'cwd');
    for (const id of [12345678, ['abcd1234'], null, undefined])
      await refused(() => removeSession(never(id as never), { env }), 'id');
  });

  test('a pid that is none of all, and a root with a NUL for doctor()', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    for (const pid of [Symbol('s'), Object.create(null)])
      assert.throws(() => session.adopt(pid), { code: 'ERR_QW_NO_PROCESS' });
    assert.equal((await doctor({ env: here.box.env, root: '/tmp/a\0b', time: 1 })).isHealthy, false);
  });

  test('a variable of another type: whatever is thrown, no session stays', async (t) => {
    const here = scene(t);
    await assert.rejects(openSession(never({ env: { ...here.box.env, HOME: 5 } })));
    here.nothingLeft();
  });

  test('the options of end(): it has not begun', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    const wrong = { keep: 'no', measure: 1, hurry: {}, grace: null, exit: 3 };
    for (const [name, value] of Object.entries(wrong))
      await assert.rejects(session.end(never({ [name]: value })), (error: QwRunError) => {
        assert.equal(error.code, 'ERR_QW_USAGE');
        return assert.ok(error.message.includes(name), error.message) === undefined;
      });
    assert.equal(session.env()['TMPDIR'], session.tmpdir);
    const undefinedOnes = { keep: undefined, measure: undefined, hurry: undefined, grace: undefined };
    assert.equal((await session.end({ ...undefinedOnes, exit: undefined })).state, 'removed');
    here.nothingLeft();
  });
});
