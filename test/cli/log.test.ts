// qw-tmp log: a table of what became of sessions, all of one, JSON; few or many; and what is no receipt is none.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { leftSleeping } from '../helpers/left-sleeping.js';
import { qwExec, qwRun, qwTmp } from '../helpers/paths.js';
import { forge, leaseOf, reapOnce } from '../helpers/reaping.js';
import { logOf, receiptsIn } from '../helpers/receipts.js';
import { runMany } from '../helpers/run-many.js';
import { type Scene, scene } from '../helpers/scene.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

const log = (here: Scene, ...args: string[]) => run(qwTmp, ['log', ...args], here.options);

describe('qw-tmp log', { concurrency: 2 }, () => {
  test('a table, oldest first, a pass among them', async (t) => {
    const here = scene(t);
    await run(qwRun, ['--label', 'build', 'sh', '-c', 'setsid sleep 600 & exit 3'], here.options);
    await run(qwRun, ['--keep', 'sh', '-c', 'kill $$'], here.options);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    await reapOnce(here);
    const { code, stdout, stderr } = await log(here);
    assert.deepEqual([code, stderr], [0, '']);
    const [head = '', ...rows] = stdout.trimEnd().split('\n');
    assert.match(head, /^WHEN +ID +LABEL +BY +OUTCOME +LASTED +EXIT +COMMAND$/);
    assert.match(
      rows[0] ?? '',
      /UTC +[a-z0-9]{8} +build +owner +removed, 1 ended +\d+s +3 +sh -c 'setsid sleep 600 & exit 3'$/,
    );
    assert.match(rows[1] ?? '', / owner +kept, kept-on-request +\d+s +SIGTERM +sh -c 'kill \$\$'/);
    assert.match(rows[2] ?? '', / orphan00 +reaper +removed, owner-dead +sh$/);
    assert.match(rows[3] ?? '', / reaper +a pass: sessions 1, stale entries 0/);
    assert.equal(rows.length, 4);
  });

  test('all of one, by id or label; of none exit 1', async (t) => {
    const here = scene(t);
    const script = `${leftSleeping()} exit 3`;
    await run(qwRun, ['--label', 'build', 'sh', '-c', script], here.options);
    await run(qwRun, ['true'], here.options);
    const [receipt] = receiptsIn(here);
    for (const name of ['build', receipt?.id ?? '']) {
      const { code, stdout } = await log(here, name);
      assert.equal(code, 0);
      assert.match(stdout, /^\S+ \S+ UTC {2}[a-z0-9]{8} {2}build\n {2}command {6}sh -c 'setsid sleep 600 & /);
      assert.ok(stdout.split('\n')[1]?.endsWith(` sh -c '${script}'`));
      assert.match(
        stdout,
        / {2}outcome {6}removed, by its owner\n {2}exit {9}3\n {2}ended {8}sleep \(\d+\): /,
      );
    }
    const { code, stdout } = await log(here, 'nobody');
    assert.deepEqual([code, stdout], [1, `no receipts of "nobody" in ${logOf(here)}\n`]);
  });

  test('a start that got no session: why, and no TMPDIR', async (t) => {
    const here = scene(t);
    const env = { ...here.options.env, QW_ROOT: '/proc/x' };
    await run(qwExec, ['true'], { ...here.options, env });
    const { stdout } = await log(here, receiptsIn(here)[0]?.id ?? '');
    assert.match(stdout, / {2}outcome {6}failed \(no-session\), by qw-exec\n {2}failed {7}\/proc\/x: root /);
    assert.doesNotMatch(stdout, /TMPDIR {2}/);
  });

  test('the last ones, those since, and JSON', async (t) => {
    const here = scene(t);
    for (let exit = 1; exit < 4; exit += 1) await run(qwRun, ['sh', '-c', `exit ${exit}`], here.options);
    const exits = async (...args: string[]) => {
      const { stdout } = await log(here, '--json', ...args);
      const { version, receipts } = JSON.parse(stdout);
      assert.equal(version, 1);
      return receipts.map(({ exit }: { exit: { code: number } }) => exit.code);
    };
    assert.deepEqual(await exits(), [1, 2, 3]);
    assert.deepEqual(await exits('--last', '2'), [2, 3]);
    assert.deepEqual(await exits('--since', '1h', '--last', '1'), [3]);
    assert.deepEqual(await exits('--since', '0'), []);
  });

  test('none of what is torn, forged, or of another version; nothing raw reaches a terminal', async (t) => {
    const here = scene(t);
    await run(qwRun, ['--label', '\x1b[31mred\u009b', 'true'], here.options);
    const [receipt] = receiptsIn(here);
    appendFileSync(
      logOf(here),
      `${JSON.stringify({ ...receipt, version: 2 })}\nx\x1b\n{"version":1}\n\0\n{"torn`,
    );
    for (const args of [[], ['--json'], [receipt?.id ?? '']]) {
      const { code, stdout, stderr } = await log(here, ...args);
      assert.deepEqual([code, stderr], [0, '']);
      assert.ok(stdout.includes('red') && !stdout.match(RAW), stdout);
    }
    assert.equal((await log(here)).stdout.trimEnd().split('\n').length, 2);
  });

  test('without any, and where none are written', async (t) => {
    const here = scene(t);
    assert.match((await log(here)).stdout, /^no receipts in /);
    const off = { ...here.options, env: { ...here.options.env, QW_LOG: 'off' } };
    assert.equal((await run(qwTmp, ['log'], off)).stderr, 'qw-tmp: QW_LOG=off: no receipts are written\n');
    assert.ok(!existsSync(logOf(here)));
  });

  const misuses: [args: string[], words: RegExp][] = [
    [['--last', 'x'], /--last needs a number such as 20, not "x"/],
    [['--last', '0'], /--last needs a number/],
    [['--since', 'yesterday'], /since needs a duration/],
    [['a', 'b'], /log takes one id or label, not also "b"/],
    [['--time', '1s'], /log has no option --time/],
  ];
  test('misuse', (t) => {
    const here = scene(t);
    const all = misuses.map(([args]) => ({ bin: qwTmp, args: ['log', ...args] }));
    for (const [at, { code, stderr }] of runMany(here, all).entries()) {
      assert.equal(code, 2);
      assert.match(stderr, misuses[at]?.[1] as RegExp);
    }
  });
});
