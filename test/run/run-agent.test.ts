// runAgent: an agent without terminal, through execa, in a session of its own. A child that fails is a result, and however
// it ends, its session ends with it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type RunAgentOptions, runAgent } from 'qw-run';
import { leaseIn } from '../helpers/opened.js';
import { identityOf } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const run = ({ options }: Scene, command: string, args: string[], more: RunAgentOptions = {}) =>
  runAgent(command, args, { ...options, ...more });
const shell = (here: Scene, script: string, more: RunAgentOptions = {}) =>
  run(here, 'sh', ['-c', script], more);
describe('runAgent', { concurrency: 2 }, () => {
  test('gives what the agent said and how it and its session ended', async (t) => {
    const here = scene(t);
    const script = 'echo "in $TMPDIR"; echo "of $QW_SESSION" >&2; ln -s / "$TMPDIR/x"';
    const { session, result } = await shell(here, script, { label: 'tab' });
    const { id, tmpdir } = session;
    const nothing = { ended: [], left: [], runsOn: [], failed: [], largest: [], work: [] };
    assert.deepEqual(await result, {
      exitCode: 0,
      signal: undefined,
      stdout: `in ${tmpdir}`,
      stderr: `of ${id}`,
      failure: undefined,
      end: { id, tmpdir, state: 'removed', ...nothing },
    });
    here.nothingLeft();
  });

  const ends: [script: string, exitCode: number | undefined, signal: string | undefined][] = [
    ['exit 3', 3, undefined],
    ['exit 255', 255, undefined],
    ['kill -TERM $$', undefined, 'SIGTERM'],
    ['kill -KILL $$', undefined, 'SIGKILL'],
  ];
  for (const [script, expected, killer] of ends) {
    test(`a child that does ${script} is a result`, async (t) => {
      const here = scene(t);
      const { exitCode, signal, failure, end } = await (await shell(here, script)).result;
      assert.deepEqual([exitCode, signal, end.state], [expected, killer, 'removed']);
      assert.match(failure ?? '', /sh/);
      here.nothingLeft();
    });
  }

  test('so is one that cannot be started, and its session goes too', async (t) => {
    const here = scene(t);
    const plain = join(here.box.dir, 'plain.txt');
    writeFileSync(plain, 'plain');
    const starts: [command: string, options: RunAgentOptions, failure: RegExp][] = [
      [
        'no-such-command',
        { env: { ...here.options.env, PATH: '/usr/bin:/bin' } },
        /no-such-command.*ENOENT/s,
      ],
      [plain, {}, /EACCES/],
      ['true', { cwd: join(here.box.dir, 'no') }, /cwd.*\/no/s],
    ];
    for (const [command, options, words] of starts) {
      const { subprocess, result } = await run(here, command, [], options);
      const { exitCode, signal, failure, end } = await result;
      assert.deepEqual([exitCode, signal, end.state], [undefined, undefined, 'removed']);
      assert.match(failure ?? '', words);
      assert.equal(subprocess.pid, undefined);
    }
    here.nothingLeft();
  });

  test('a wrong option of execa is thrown, and leaves no session', async (t) => {
    const here = scene(t);
    const execa = { stdio: 'wrong' as 'pipe' };
    await assert.rejects(run(here, 'true', [], { execa }), /stdio/);
    here.nothingLeft();
  });

  test('names the agent in the lease', async (t) => {
    const here = scene(t);
    const agent = await shell(here, 'exec sleep 600', { label: 'tab' });
    const { label, command, cwd, agent: named } = leaseIn(agent.session);
    assert.deepEqual(
      { label, command, cwd, named },
      {
        label: 'tab',
        command: ['sh', '-c', 'exec sleep 600'],
        cwd: here.options.cwd,
        named: identityOf(agent.subprocess.pid as number),
      },
    );
    await agent.stop();
    here.nothingLeft();
  });

  test('cwd and env are the agent’s; ours are set last', async (t) => {
    const here = scene(t);
    const more = { MINE: 'yes', TMPDIR: '/else', CLAUDE_CODE_TMPDIR: '/else' };
    const { session, result } = await shell(here, 'pwd; echo "$MINE $TMPDIR $CLAUDE_CODE_TMPDIR$EXECA."', {
      cwd: here.box.dir,
      env: { ...here.options.env, ...more },
      execa: { env: { EXECA: 'no' } },
    });
    assert.equal((await result).stdout, `${here.box.dir}\nyes ${session.tmpdir} .`);
    here.nothingLeft();
  });

  test('keep leaves TMPDIR', async (t) => {
    const here = scene(t);
    const { session, result } = await shell(here, 'echo why > "$TMPDIR/log"; exit 3', { keep: true });
    const { exitCode, end } = await result;
    assert.deepEqual([exitCode, end.state], [3, 'kept']);
    assert.equal(readFileSync(join(session.tmpdir, 'log'), 'utf8'), 'why\n');
  });
});
