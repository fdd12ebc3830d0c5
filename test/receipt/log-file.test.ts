// The log under many writers, SIGKILL, rotation, and whatever else may lie in its place: lines stay whole, and the
// file stays bounded.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { parseReceipt } from '#src/receipt/line.js';
import { readLog, writeReceipt } from '#src/receipt/log.js';
import { NOTHING, type SessionReceipt } from '#src/receipt/receipt.js';
import { start } from '../helpers/cli.js';
import { isWhole, logStorm } from '../helpers/log-storm.js';
import { fixture } from '../helpers/paths.js';
import { killed } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const RECEIPT: SessionReceipt = {
  ...{ version: 1, kind: 'session', at: new Date().toISOString(), by: 'owner', root: '/r', id: 'k3j9x0ab' },
  ...{ tmpdir: '/r/k3j9x0ab/tmp', state: 'removed', ...NOTHING },
};
const LONG = 2 * 2 ** 20;

function place(t: TestContext) {
  const here = scene(t);
  const state = join(here.box.dir, 'state');
  const dir = join(state, 'qw-run');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const env = { XDG_STATE_HOME: state };
  const writer = (number: number, count: number) =>
    start(fixture('log-writer.mjs'), [state, String(number), String(count)], here.options);
  return { here, dir, env, log: join(dir, 'log'), writer };
}

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);
describe('the log', { concurrency: 1 }, () => {
  test('has every line of ten writers at once, whole, while four more are killed', async (t) => {
    const { here, env, log } = place(t);
    const stormed = await logStorm(here, { state: env.XDG_STATE_HOME, writers: 10, lines: 30, victims: 4 });
    assert.equal(stormed.written.length, 10 * 30);
    isWhole(stormed, 4);
    assert.equal(statSync(log).mode & 0o777, 0o600);
  });

  test('stays bounded and whole while its writers are killed, and nothing else is left there', async (t) => {
    const { env, dir, log, writer } = place(t);
    const writers = Array.from({ length: 4 }, (_, number) => writer(number, 0));
    await waitUntil('it was set aside twice', async () => {
      const before = existsSync(`${log}.1`) && statSync(`${log}.1`).ino;
      return before && waitUntil('again', () => statSync(`${log}.1`).ino !== before);
    });
    for (const { pid } of writers) await killed(pid);
    for (const file of [log, `${log}.1`])
      assert.ok(!existsSync(file) || statSync(file).size < LONG + 2 ** 20);
    // Of each one line at most was cut off.
    const torn = [log, `${log}.1`]
      .filter(existsSync)
      .flatMap(linesOf)
      .filter((line) => !parseReceipt(line));
    assert.ok(torn.length <= writers.length, `${torn.length} lines are torn`);
    assert.deepEqual(
      readdirSync(dir).filter((name) => !/^log(\.1|\.turn)?$/.test(name)),
      [],
    );
    assert.ok(writeReceipt(RECEIPT, env));
    assert.deepEqual(readLog(env).at(-1), RECEIPT);
  });

  test('what was torn spoils no other line', (t) => {
    const { env, log } = place(t);
    writeFileSync(log, '{"version":1,"kind":"ses');
    assert.ok(writeReceipt(RECEIPT, env));
    assert.deepEqual(readLog(env), [RECEIPT]);
    assert.equal(linesOf(log).length, 2);
  });

  test('is set aside once it is long, also after one who died over that', (t) => {
    const { env, log } = place(t);
    writeFileSync(log, `${'x'.repeat(LONG)}\n`, { mode: 0o600 });
    writeFileSync(`${log}.turn`, '');
    assert.ok(writeReceipt(RECEIPT, env)); // somebody else seems to do it
    assert.ok(!existsSync(`${log}.1`));
    utimesSync(`${log}.turn`, 0, 0);
    assert.ok(writeReceipt(RECEIPT, env)); // that one is dead
    assert.ok(writeReceipt(RECEIPT, env));
    assert.deepEqual([statSync(`${log}.1`).size > LONG, existsSync(`${log}.turn`)], [true, false]);
    assert.equal(readLog(env).length, 3);
  });

  test('where it cannot be set aside no disk is filled', (t) => {
    const { env, log } = place(t);
    mkdirSync(join(`${log}.1`, 'x'), { recursive: true });
    writeFileSync(log, `${'x'.repeat(LONG + 2 ** 20)}\n`);
    assert.equal(writeReceipt(RECEIPT, env), false);
    assert.equal(statSync(log).size, LONG + 2 ** 20 + 1);
  });

  const table: [what: string, make: (log: string, precious: string) => void][] = [
    ['a link', (log, precious) => symlinkSync(precious, log)],
    ['another name of a file', (log, precious) => linkSync(precious, log)],
    ['a directory', (log) => mkdirSync(log)],
    ['a FIFO', (log) => void spawnSync('mkfifo', [log])],
    ['a link to a device', (log) => symlinkSync('/dev/full', log)],
  ];
  for (const [what, make] of table)
    test(`is not ${what}`, (t) => {
      const { here, env, log } = place(t);
      const precious = join(here.box.dir, 'precious');
      writeFileSync(precious, 'precious');
      make(log, precious);
      assert.deepEqual([writeReceipt(RECEIPT, env), readLog(env)], [false, []]);
      assert.equal(readFileSync(precious, 'utf8'), 'precious');
    });

  test('what is not for us to write is not set aside either, however long it is', (t) => {
    const { here, env, log } = place(t);
    const precious = join(here.box.dir, 'precious');
    writeFileSync(precious, 'x'.repeat(LONG));
    linkSync(precious, log);
    assert.deepEqual([writeReceipt(RECEIPT, env), existsSync(`${log}.1`)], [false, false]);
  });

  test('is for its user alone, and off when that is said', (t) => {
    const { env, log } = place(t);
    assert.equal(writeReceipt(RECEIPT, { ...env, QW_LOG: 'off' }), false);
    assert.ok(!existsSync(log));
    writeFileSync(log, '');
    chmodSync(log, 0o666);
    assert.ok(writeReceipt(RECEIPT, env));
    assert.equal(lstatSync(log).mode & 0o777, 0o600);
  });

  test('without a directory that is made, for us alone; where it cannot be, nothing is written', (t) => {
    const { here } = place(t);
    const nowhere = join(here.box.dir, 'nowhere');
    const env = { XDG_STATE_HOME: nowhere };
    assert.deepEqual([writeReceipt(RECEIPT, env), readLog(env).length], [true, 1]);
    assert.equal(statSync(join(nowhere, 'qw-run')).mode & 0o777, 0o700);
    const below = { XDG_STATE_HOME: join(nowhere, 'qw-run/log') };
    assert.deepEqual([writeReceipt(RECEIPT, below), readLog(below)], [false, []]);
  });
});
