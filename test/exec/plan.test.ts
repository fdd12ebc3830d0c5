// A plan that does not hold any more, or that somebody meddled with, is made anew; nothing in it is ever executed by being read.
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { command, planIn, read, type Started, startOf, watchersOf } from '../helpers/exec.js';
import { told } from '../helpers/receipts.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** A second start after `change`: by the old plan or not. Both have a session, and nothing is left. */
async function isPlannedAfter(here: Scene, change: (plan: string) => unknown, more: NodeJS.ProcessEnv = {}) {
  const agent = command(here);
  const first = await startOf(here, [agent]);
  await throughWith(here, first);
  await change(planIn(here));
  const second = await startOf(here, [agent], more);
  assert.deepEqual([first.code, second.code, first.isPlanned], [0, 0, false]);
  assert.match(second.lease.id, /^[a-z0-9]{8}$/);
  await here.nothingLeftSoon();
  return second.isPlanned;
}

/** Its watchdog has left the root: nobody works in there any more. */
async function throughWith(here: Scene, { lease }: Started): Promise<void> {
  await here.nothingLeftSoon();
  await waitUntil('the watchdog has left', () => watchersOf(lease.owner.pid).length === 0);
}

const rewrite = (plan: string, change: (text: string) => string) => writeFileSync(plan, change(read(plan)));

describe('a plan', { concurrency: 2 }, () => {
  const table: [what: string, isPlanned: boolean, change: (plan: string, here: Scene) => unknown][] = [
    ['that holds is used', true, () => {}],
    ['of another program at that place', false, (_, here) => command(here, ': other')],
    ['that is truncated', false, (plan) => truncateSync(plan, statSync(plan).size - 10)],
    ['that is empty', false, (plan) => truncateSync(plan, 0)],
    ['that others may read', false, (plan) => chmodSync(plan, 0o644)],
    ['that others may write', false, (plan) => chmodSync(plan, 0o666)],
    ['that is a link', false, (plan) => moveAndLink(plan)],
    ['that is a directory', false, (plan) => makeDirectory(plan)],
    ['of another boot', false, (plan) => rewrite(plan, (text) => text.replace(/^boot\t..../m, 'boot\t0000'))],
    ['of another host', false, (plan) => rewrite(plan, (text) => text.replace(/^host\t/m, 'host\tnot'))],
    ['of other words', false, (plan) => rewrite(plan, (text) => text.replace(/^question /m, 'question x'))],
    ['whose root has another mode', false, (_, { box }) => chmodSync(box.root, 0o750)],
    ['whose root was made anew', false, (_, { box }) => rmSync(box.root, { recursive: true })],
    ['whose marker was changed', false, (_, { box }) => utimesSync(join(box.root, '.qw-root'), 1, 1)],
    ['whose root is a link by now', false, (_, { box }) => moveAndLink(box.root)],
    ['of a parent of its root that others write', false, (_, { box }) => chmodSync(box.dir, 0o777)],
  ];
  for (const [what, isPlanned, change] of table)
    test(`${what}: ${isPlanned ? 'as said' : 'another is made'}`, async (t) => {
      const here = scene(t);
      const isRefused = /link by now|others write|another mode/.test(what);
      if (!isRefused)
        return assert.equal(await isPlannedAfter(here, (plan) => change(plan, here)), isPlanned);
      // There is no session to be had: the agent runs all the same, and the log says why.
      const agent = command(here, 'echo "TMPDIR=$TMPDIR"');
      await throughWith(here, await startOf(here, [agent]));
      assert.equal(told(here).length, 1);
      change(planIn(here), here);
      const { stdout, code } = await startOf(here, [agent]);
      assert.deepEqual([stdout, code], ['TMPDIR=\n', 0]);
      // Where others may write above our state directory nothing is written there.
      if (!/others write/.test(what)) assert.deepEqual(told(here).slice(1), ['launcher failed no-session']);
      const strict = await startOf(here, [agent], { QW_EXEC_STRICT: '1' });
      assert.deepEqual([strict.stdout, strict.code], ['', 125]);
      assert.match(strict.stderr, /^qw-exec: root ".*\n$/);
    });

  test('runs nothing that is written into it', async (t) => {
    const here = scene(t);
    const traps = ['$(touch TRAP)', '`touch TRAP`', '; touch TRAP', "'; touch TRAP; '"];
    const change = (plan: string) =>
      rewrite(plan, (text) =>
        text
          .replace(/^end$/m, '')
          .replace(/^(absent|careful)/gm, (line) => [line, ...traps].join('\t'))
          .concat(
            traps
              .flatMap((trap) => [`set X ${trap}`, `set A;touch ${trap}`, `unset ${trap}`, `cwd "${trap}"`])
              .join('\n'),
            '\nend\n',
          ),
      );
    await isPlannedAfter(here, change);
    assert.ok(!existsSync(join(here.box.cwd, 'TRAP')));
  });
});

describe('another start of the same command', { concurrency: 2 }, () => {
  for (const [name, value] of [
    ['QW_GRACE', '1s'],
    ['PATH', `/nowhere:${process.env['PATH']}`],
    ['QW_SURVIVORS', 'keep'],
  ] as const)
    test(`with another ${name} is another question`, async (t) => {
      assert.equal(await isPlannedAfter(scene(t), () => {}, { [name]: value }), false);
    });

  test('with a program of that name earlier in PATH runs that, and makes another plan', async (t) => {
    const here = scene(t);
    const [first, second] = ['first', 'second'].map((name) => join(here.box.dir, name)) as [string, string];
    for (const dir of [first, second]) mkdirSync(dir);
    const more = { PATH: `${first}:${second}:${process.env['PATH']}` };
    copyFileSync(command(here, 'echo old'), join(second, 'tool'));
    const before = await startOf(here, ['tool'], more);
    const again = await startOf(here, ['tool'], more);
    copyFileSync(command(here, 'echo new'), join(first, 'tool'));
    const after = await startOf(here, ['tool'], more);
    assert.deepEqual([before.rest, again.rest, after.rest], ['old\n', 'old\n', 'new\n']);
    assert.deepEqual([again.isPlanned, after.isPlanned], [true, false]);
    await here.nothingLeftSoon();
  });
});

test('a program in a directory with a tab in its name has no plan: tabs are between what is in one', async (t) => {
  const here = scene(t);
  const dir = join(here.box.dir, 'a\tb');
  mkdirSync(dir);
  const agent = join(dir, 'agent');
  copyFileSync(command(here), agent);
  for (const _ of [1, 2]) assert.equal((await startOf(here, [agent])).isPlanned, false);
  await here.nothingLeftSoon();
});

describe('a plan for an agent', { concurrency: 2 }, () => {
  for (const [name, first, other] of [
    ['gemini', ['-p', 'hi'], ['-p', 'ho']],
    ['codex', ['exec', 'hi'], ['exec', '--json', 'ho']],
  ] as const)
    test(`${name} holds for other words of its user's, too`, async (t) => {
      const here = scene(t);
      const agent = agentNamed(here, name);
      const before = await startOf(here, [agent, ...first]);
      const after = await startOf(here, [agent, ...other]);
      assert.deepEqual([before.isPlanned, after.isPlanned], [false, true]);
      const relaunches = name === 'gemini' ? 'true' : '';
      assert.deepEqual(
        [before.rest, after.rest],
        [`<${relaunches}> ${first.join(' ')}\n`, `<${relaunches}> ${other.join(' ')}\n`],
      );
      await here.nothingLeftSoon();
    });

  test("codex's terminal goes by none: its daemon may have to be kept out", async (t) => {
    const here = scene(t);
    const agent = agentNamed(here, 'codex');
    const starts = [];
    for (const args of [['exec'], [], ['exec'], ['-c', 'exec']])
      starts.push(await startOf(here, [agent, ...args]));
    assert.deepEqual(
      starts.map(({ isPlanned }) => isPlanned),
      [false, false, true, false],
    );
    await here.nothingLeftSoon();
  });

  test('cline goes by none: each session has a port of its own', async (t) => {
    const here = scene(t);
    const agent = agentNamed(here, 'cline');
    for (const _ of [1, 2]) assert.equal((await startOf(here, [agent, 'hi'])).isPlanned, false);
    await here.nothingLeftSoon();
  });
});

function agentNamed({ box }: Scene, name: string): string {
  const path = join(box.dir, name);
  const says = 'echo "<$GEMINI_CLI_NO_RELAUNCH> $*"';
  writeFileSync(path, `#!/bin/sh\n[ "$1" != --version ] || exit 1\ncat "$TMPDIR/../lease.json"\n${says}\n`, {
    mode: 0o755,
  });
  return path;
}

function moveAndLink(path: string): void {
  renameSync(path, `${path}.x`);
  symlinkSync(`${path}.x`, path);
}

function makeDirectory(path: string): void {
  rmSync(path);
  mkdirSync(path);
}
