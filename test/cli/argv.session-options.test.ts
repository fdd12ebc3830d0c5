// The options of qw-run, each by what it does; a flag beats its variable, a variable beats the default.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run, start } from '../helpers/cli.js';
import { leaseIn } from '../helpers/leases.js';
import { leftSleeping } from '../helpers/left-sleeping.js';
import { qwRun } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids, killed } from '../helpers/reaping.js';
import { readyPid, scene } from '../helpers/scene.js';

/** Leaves a process behind and says its pid. */
const LEAVER = ['sh', '-c', `${leftSleeping('sleep 600 > /dev/null 2>&1')} echo "$! "`];
const STUBBORN = ['sh', '-c', 'trap "" TERM; echo "ready $$ "; while :; do sleep 0.1; done'];
const LEASE = ['sh', '-c', 'cat "$TMPDIR/../lease.json"'];

describe('--label', { concurrency: 2 }, () => {
  for (const flags of [['--label', 'a  b'], ['--label=a  b'], ['--label', 'first', '--label', 'a  b']]) {
    test(`${flags.join(' ')}: the lease has it`, async (t) => {
      const { options, nothingLeft } = scene(t);
      const { code, stdout } = await run(qwRun, [...flags, ...LEASE], options);
      assert.deepEqual([code, JSON.parse(stdout).label], [0, 'a  b']);
      nothingLeft();
    });
  }
});

describe('--keep and --quiet', { concurrency: 2 }, () => {
  for (const quiet of [false, true]) {
    test(`--keep${quiet ? ' --quiet' : ''} leaves TMPDIR and ${quiet ? 'says nothing' : 'says where'}`, async (t) => {
      const { box, options, processes } = scene(t);
      const flags = ['--keep', ...(quiet ? ['--quiet'] : [])];
      const script = 'echo x > "$TMPDIR/x"; printf %s "$TMPDIR"; exit 9';
      const { code, stdout, stderr } = await run(qwRun, [...flags, 'sh', '-c', script], options);
      const [id = ''] = ids(box);
      const said = quiet ? '' : `qw-run: kept ${stdout}; remove it with: qw-tmp rm ${id}\n`;
      assert.deepEqual([code, stderr, processes()], [9, said, []]);
      assert.equal(stdout, join(box.root, id, 'tmp'));
      assert.equal(readFileSync(join(stdout, 'x'), 'utf8'), 'x\n');
    });

    test(`who was ended is ${quiet ? 'not told with --quiet' : 'told'}`, async (t) => {
      const { options, nothingLeft } = scene(t);
      const { code, stdout, stderr } = await run(qwRun, [...(quiet ? ['--quiet'] : []), ...LEAVER], options);
      assert.equal(code, 0);
      assert.match(stderr, quiet ? /^$/ : new RegExp(`^qw-run: ended .*sleep \\(${stdout.trim()}\\)\\n$`));
      nothingLeft();
    });
  }

  test('--quiet hides no error', async (t) => {
    const { options, nothingLeft } = scene(t);
    const { code, stderr } = await run(qwRun, ['--quiet', 'no-such-command'], options);
    assert.equal(code, 127);
    assert.match(stderr, /^qw-run: .*no-such-command.*\n$/);
    nothingLeft();
  });
});

describe('--survivors and --spare', { concurrency: 2 }, () => {
  const table: [flags: string[], more: NodeJS.ProcessEnv, stays: boolean][] = [
    [[], {}, false],
    [['--survivors', 'keep'], {}, true],
    [[], { QW_SURVIVORS: 'keep' }, true],
    [['--survivors', 'end'], { QW_SURVIVORS: 'keep' }, false],
    [['--survivors', 'keep'], { QW_SURVIVORS: 'end' }, true],
    [[], { QW_SURVIVORS: '' }, false],
    [['--spare', 'sleep'], {}, true],
    [['--spare', 'other', '--spare', 'sleep'], {}, true],
    [['--spare', 'other,sleep'], {}, true],
    [['--spare', 'other'], { QW_SPARE: 'sleep' }, true],
    [['--spare', 'slee'], {}, false],
  ];
  for (const [flags, more, stays] of table) {
    const given = [...Object.entries(more).map((pair) => pair.join('=')), ...flags].join(' ');
    test(`what is left running ${stays ? 'stays' : 'is ended'} with ${given || 'neither'}`, async (t) => {
      const here = scene(t);
      const options = { ...here.options, env: { ...here.options.env, ...more } };
      const { code, stdout } = await run(qwRun, [...flags, ...LEAVER], options);
      assert.deepEqual([code, isAlive(Number(stdout))], [0, stays]);
      if (stays) {
        assert.equal(ids(here.box).length, 1);
        await killed(Number(stdout));
      }
      await here.nothingLeftSoon();
    });
  }
});

describe('--grace', { concurrency: 2 }, () => {
  const table: [flags: string[], more: NodeJS.ProcessEnv][] = [
    [['--grace', '200ms'], {}],
    [['--grace', '200ms'], { QW_GRACE: '1h' }],
    [[], { QW_GRACE: '0.2s' }],
    [['--grace', '0'], {}],
  ];
  for (const [flags, more] of table) {
    const given = [...Object.entries(more).map((pair) => pair.join('=')), ...flags].join(' ');
    test(`${given}: an agent that does not heed SIGTERM is SIGKILLed soon`, async (t) => {
      const here = scene(t);
      const options = { ...here.options, env: { ...here.options.env, ...more } };
      const wrapper = start(qwRun, [...flags, ...STUBBORN], options);
      await readyPid(wrapper.says);
      kill(wrapper.pid, 'SIGTERM');
      const { code, signal } = await wrapper.done;
      assert.deepEqual([code, signal], [null, 'SIGKILL']);
      here.nothingLeft();
    });
  }
});

describe('--backend and --no-watchdog', { concurrency: 2 }, () => {
  for (const backend of ['claude', 'codex', 'gemini', 'generic']) {
    test(`--backend ${backend}: the lease has it`, async (t) => {
      const { options, nothingLeft } = scene(t);
      const { stdout } = await run(qwRun, ['--backend', backend, ...LEASE], options);
      assert.equal(JSON.parse(stdout).backend, backend);
      nothingLeft();
    });
  }

  test('--no-watchdog: what a SIGKILLed wrapper leaves, stays until somebody reaps', async (t) => {
    const here = scene(t);
    const wrapper = start(
      qwRun,
      ['--no-watchdog', 'sh', '-c', 'echo "ready $$ "; exec sleep 600'],
      here.options,
    );
    const agent = await readyPid(wrapper.says);
    const [id = ''] = ids(here.box);
    await killed(wrapper.pid);
    await killed(agent);
    const tmpdir = join(here.box.root, id, 'tmp');
    assert.deepEqual([existsSync(tmpdir), leaseIn(tmpdir).id, here.processes()], [true, id, []]);
  });
});
