// A helper process that dies or hangs: the request that it had is told as failed, the next one is answered by another, and the
// server neither waits nor goes down.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { helperOf, helpersOf, holdHelpers, stop } from '../helpers/helper-process.js';
import { isAlive, kill } from '../helpers/processes.js';
import { forge, killed, leaseOf } from '../helpers/reaping.js';
import { linesOf, server } from '../helpers/reaping-server.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STAY = 'setInterval(() => {}, 60_000);';
/** Tells what came of a call. */
const TELL = `const tell = (name, promise) => promise.then(
  (it) => say(name, 'came', JSON.stringify(it.removed?.map(({ id }) => id) ?? it.sessions.map(({ id }) => id))),
  ({ code, message, path }) => say(name, code, path, message));
  const logger = { info() {}, warn: (line) => say('warning', line) };`;
/** The helper is there, and has read nothing: to start it takes as long as the machine wants. */
const STARTED = `await qw.listSessions({ root: process.cwd() }).catch(() => {});`;
const orphan = ({ box }: Scene, id: string) => forge(box, id, { lease: leaseOf(id) });

describe('a helper', { concurrency: 2 }, () => {
  test('that is killed in the middle of a pass: told, and the next pass does the work', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    const held = holdHelpers(t, here);
    const script = `${TELL} reaper({ every: '1s', logger, onReport: (r) => say('report', ids(r)) }); ${STAY}`;
    const run = server(here, script, held.env, held.flags);
    const pid = await held.isHeld();
    await killed(pid);
    held.release();
    await run.says('report dead1234\n');
    assert.match(
      linesOf(run, 'warning').join(),
      new RegExp(`helper process \\(pid ${pid}\\) ended \\(SIGKILL\\)`),
    );
    assert.equal(run.stderr(), '');
    assert.deepEqual(here.box.left(), []);
  });

  test('that is killed in the middle of what somebody awaits: rejected, and the next call is answered', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    const held = holdHelpers(t, here);
    const script = `${TELL}
      await tell('list', qw.listSessions());
      await tell('list', qw.listSessions());
      await tell('reap', qw.reap());`;
    const run = server(here, script, held.env, held.flags);
    await killed(await held.isHeld());
    held.release();
    const { code, stdout, stderr } = await run.done;
    const [first = '', ...rest] = stdout.trimEnd().split('\n');
    assert.match(first, /^list ERR_QW_HELPER .*ended \(SIGKILL\)/);
    assert.deepEqual(rest, ['list came ["dead1234"]', 'reap came ["dead1234"]']);
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('that died while nobody asked it: nobody notices', async (t) => {
    const here = scene(t);
    const script = `${TELL}
      process.on('SIGUSR2', () => tell('second', qw.reap()));
      await tell('first', qw.listSessions());
      ${STAY}`;
    const run = server(here, script);
    await run.says('first came []\n');
    const pid = await helperOf(run.pid);
    // Asked while it cannot answer, it dies before it began.
    stop(t, pid);
    kill(run.pid, 'SIGUSR2');
    kill(pid, 'SIGKILL');
    await run.says('second came []\n');
    assert.notEqual(await helperOf(run.pid), pid);
  });

  test('that is stopped: given up after the deadline, told by the next pass, and process.exit waits for nobody', async (t) => {
    const here = scene(t);
    const script = `${TELL}
      const onReport = ({ failed }) => say('report', JSON.stringify(failed));
      process.on('SIGUSR2', () => { tell('list', qw.listSessions({ deadline: '1s' })); say('asked'); });
      process.on('SIGHUP', () => process.exit(0));
      ${STARTED}
      let deadline = '3s';
      // The one that comes after it may take its time to start.
      logger.warn = (line) => { if (/no sign of life/.test(line)) deadline = '10m'; say('warning', line); };
      reaper(() => ({ every: '1s', deadline, logger, onReport }));
      ${STAY}`;
    const run = server(here, script);
    await run.says('report []\n');
    const pid = await helperOf(run.pid);
    stop(t, pid);
    kill(run.pid, 'SIGUSR2');
    await run.says(/^list ERR_QW_HELPER .*no sign of life/m);
    await run.says(/^warning qw-run: the reaper failed: the helper process/m);
    const told = new RegExp(`^report .*a helper process \\(pid ${pid}\\) h(ung|angs) here`, 'm');
    await run.says(told);
    await waitUntil('the next one says nothing of it', () => linesOf(run, 'report').at(-1) === 'report []');
    const next = await helperOf(run.pid);
    stop(t, next);
    kill(run.pid, 'SIGUSR2');
    await waitUntil('it is asked', () => linesOf(run, 'asked').length > 1);
    kill(run.pid, 'SIGHUP');
    assert.equal((await run.done).code, 0);
    assert.ok(isAlive(next), 'the server did not wait for it');
  });

  test('that hangs in a call of the file system: given up, and its place is told', async (t) => {
    const here = scene(t);
    orphan(here, 'dead1234');
    const held = holdHelpers(t, here);
    const script = `${TELL} ${STARTED}
      await tell('reap', qw.reap({ deadline: '3s' })); await tell('again', qw.reap());`;
    const run = server(here, script, held.env, held.flags);
    await held.isHeld();
    const [line = ''] = (await run.says(/^reap .*\n/m)).split('\n');
    assert.match(line, new RegExp(`^reap ERR_QW_HELPER ${here.box.root} .*it hangs at ${here.box.root}`));
    held.release();
    const { code, stdout } = await run.done;
    assert.deepEqual([code, stdout.split('\n')[1]], [0, 'again came ["dead1234"]']);
  });
});

test('a server that is killed takes its helper with it, also out of the middle of work', async (t) => {
  const here = scene(t);
  orphan(here, 'dead1234');
  const held = holdHelpers(t, here);
  const idle = server(here, `reaper({ onReport: () => say('done') }); ${STAY}`);
  await idle.says('done\n');
  const busy = server(here, `reaper({ onReport: () => say('done') }); ${STAY}`, held.env, held.flags);
  // The first may have removed it; a pass reads the root all the same.
  const helpers = [await helperOf(idle.pid), await held.isHeld()];
  for (const { pid } of [idle, busy]) await killed(pid);
  held.release();
  for (const pid of helpers) await waitUntil(`helper ${pid} is gone`, () => !isAlive(pid));
});

test('a server ends with its last work, whatever its helper does', async (t) => {
  const here = scene(t);
  const held = holdHelpers(t, here);
  orphan(here, 'dead1234');
  const run = server(here, `reaper({}); say('started')`, held.env, held.flags);
  assert.equal((await run.done).code, 0);
  held.release();
  assert.deepEqual(helpersOf(run.pid), []);
});
