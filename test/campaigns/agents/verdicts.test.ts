// What verify:agents makes of a measured run: a fault for everything that is not expected, and nothing is forgiven unseen.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { claude } from './clis/claude.js';
import { codex } from './clis/codex.js';
import { type Expected, expectedOf, isOlder, type Limit } from './expected.js';
import { faultsOf, metLimits, missing, withoutKept } from './judge-run.js';
import { LIMITS } from './limits.js';
import { isOneOf } from './patterns.js';
import { planned } from './plan.js';
import type { Scenario, Volume } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import type { Exit, Measured } from './stage/row.js';

const CLEAN: Measured = {
  ...{
    exit: 0,
    began: 9,
    ran: 0,
    isTold: false,
    started: [],
    made: '',
    meanwhile: [],
    tmp: [],
    root: [],
    elsewhere: [],
    processes: [],
  },
  ...{ said: '', asked: [] },
};
const file = (path: string) => ({ path, bytes: 1 });
const strict = expectedOf({ cli: 'claude', version: '2.1.330', scenario: 'plain' }, []);

describe('a run under qw-run', () => {
  const table: [what: string, changes: Partial<Measured>, faults: string[], alone?: Exit][] = [
    ['that leaves nothing is clean', {}, []],
    ['may end as the agent does alone', { exit: 'SIGTERM' }, [], 'SIGTERM'],
    ['may not end otherwise', { exit: 1 }, ['exit 1 instead of 0']],
    ['may not go on', { exit: 'still running' }, ['exit still running instead of 0']],
    ['leaves a file in /tmp', { tmp: [file('x/y')] }, ['/tmp/x/y']],
    ['leaves a file elsewhere', { elsewhere: [file('~/x')] }, ['~/x']],
    ['leaves a process', { processes: ['child', 'claude'] }, ['child runs', 'claude runs']],
    ['leaves its TMPDIR', { root: [file('abcd1234/lease.json')] }, ['TMPDIR stays']],
    ['was disturbed', { meanwhile: ['the agent is gone'] }, ['the agent is gone']],
    ['makes its files in TMPDIR', { made: '/tmp/qw-1000/abcd1234/tmp/tmp.x' }, []],
    ['makes them elsewhere', { made: '/tmp/tmp.x' }, ['mktemp: /tmp/tmp.x']],
    [
      'makes only the first there',
      { made: '/tmp/qw-1000/abcd1234/tmp/tmp.x\n/tmp/tmp.y' },
      ['mktemp: /tmp/tmp.y'],
    ],
    ['can make none', { made: 'failed' }, ['mktemp: failed']],
  ];
  for (const [what, changes, faults, alone = 0] of table) {
    test(what, () => assert.deepEqual(faultsOf({ ...CLEAN, ...changes }, strict, alone), faults));
  }
  test('may leave what a limit names, and no more', () => {
    const expected: Expected = {
      ...strict,
      tmp: ['codex-daemon-<uid>/**'],
      processes: ['child'],
      exit: [0, 1],
    };
    const left = {
      exit: 1,
      tmp: [file('codex-daemon-1000/'), file('codex-daemon-x/')],
      processes: ['child'],
    };
    assert.deepEqual(faultsOf({ ...CLEAN, ...left }, expected, 0), ['/tmp/codex-daemon-x/']);
  });
});

describe('a scenario that did not happen is a fault', () => {
  const scenario: Scenario = { name: 'x', title: 'x', commands: [], starts: ['child', 'command'] };
  test('when a process was never seen, or the agent failed by itself', () => {
    assert.deepEqual(missing(scenario, { ...CLEAN, started: ['child'], exit: 3 }), [
      'command was never seen',
      'exit 3',
    ]);
  });
  test('when the agent ran nothing, or less than it was asked to', () => {
    const two = { ...scenario, commands: ['mktemp > made', 'echo hi'] };
    const faults = (changes: Partial<Measured>) => missing(two, { ...CLEAN, ...changes });
    const all = ['child', 'command'];
    assert.deepEqual(faults({ started: all }), ['ran 0 of 2 commands', 'mktemp told nothing']);
    assert.deepEqual(faults({ started: all, began: 1, ran: 2, made: '/x' }), ['began 1 of 2 commands']);
    assert.deepEqual(faults({ started: all, ran: 1, made: '/x' }), ['ran 1 of 2 commands']);
    assert.deepEqual(faults({ started: all, ran: 2, made: '/x' }), []);
    const hangs = { ...two, blow: { signal: 'SIGTERM', to: 'started' } as const };
    assert.deepEqual(missing(hangs, { ...CLEAN, started: all, ran: 1, made: '/x' }), []);
    assert.deepEqual(
      missing({ ...hangs, isWrapperKilled: true }, { ...CLEAN, started: all, ran: 1, made: '/x' }),
      ['ran 1 of 2 commands'],
    );
  });
  test('but an agent may not be able to begin another command once its quota is used up', () => {
    const full = { ...scenario, starts: [], commands: ['false', 'echo hi'] };
    const faults = (kind: Volume, began: number, ran: number) =>
      missing({ ...full, volume: { kind, isTold: true } }, { ...CLEAN, isTold: true, began, ran });
    assert.deepEqual(faults('blocks', 1, 2), ['began 1 of 2 commands']);
    assert.deepEqual(faults('quota', 1, 2), []);
    assert.deepEqual(faults('quota', 0, 1), ['began 0 of 1 commands', 'ran 1 of 2 commands']);
  });
  test('when Ctrl-C ended it', () => {
    const interrupted = {
      ...scenario,
      starts: [],
      isInterrupted: true,
      commands: Array<string>(9).fill('true'),
    };
    const faults = (began: number) => missing(interrupted, { ...CLEAN, began });
    assert.deepEqual([faults(1), faults(2)], [['began 1 of 2 commands'], []]);
  });
  test('when the model was told of a full disk without one, or not told of one', () => {
    const of = (volume: Scenario['volume'], isTold: boolean) =>
      missing({ ...scenario, starts: [], ...(volume ? { volume } : {}) }, { ...CLEAN, isTold });
    assert.deepEqual(of({ kind: 'blocks', isTold: true }, true), []);
    assert.deepEqual(of({ kind: 'blocks', isTold: true }, false), ['the model was not told of a full disk']);
    assert.deepEqual(of({ kind: 'blocks', isTold: false }, true), ['the model was told of a full disk']);
    assert.deepEqual(of(undefined, true), ['the model was told of a full disk']);
  });
  test('a signalled agent may end as it likes', () => {
    const blow = { signal: 'SIGTERM', to: 'started' } as const;
    const started = ['child', 'command'];
    assert.deepEqual(missing({ ...scenario, blow }, { ...CLEAN, started, exit: 143 }), []);
  });
});

test('who holds TMPDIR has to live on; nobody else may', () => {
  const held = expectedOf({ cli: 'claude', version: '2.1.330', scenario: 'holder', holder: 'child' }, []);
  const faults = (processes: string[]) => faultsOf({ ...CLEAN, processes }, held, 0);
  assert.deepEqual([faults(['child']), faults(['child', 'bash'])], [[], ['bash runs']]);
});

describe('limits', () => {
  const limit: Limit = { cli: 'claude', before: '2.1.92', tmp: ['claude/**'], because: 'old' };
  const of = (cli: string, version: string, scenario = 'plain', limits = [limit]) =>
    expectedOf({ cli, version, scenario }, limits).limits.map(({ because }) => because);
  test('hold for the versions and scenarios they name', () => {
    assert.deepEqual(
      [of('claude', '2.1.91'), of('claude', '2.0.100'), of('claude', '2.1.92')],
      [['old'], ['old'], []],
    );
    assert.deepEqual(of('codex', '2.1.50'), []);
    assert.deepEqual(of('claude', '2.1.50', 'term', [{ ...limit, scenarios: ['int'] }]), []);
    assert.deepEqual(of('claude', '2.1.92', 'plain', [{ after: '2.1.91', because: 'new' }]), ['new']);
    const inExec: Limit = { mode: 'qw-exec', because: 'exec' };
    const one = { cli: 'claude', version: '2.1.92', scenario: 'plain' };
    const met = (mode: 'qw-run' | 'qw-exec') => expectedOf({ ...one, mode }, [inExec]).limits.length;
    assert.deepEqual([met('qw-run'), met('qw-exec')], [0, 1]);
  });
  test('have a reason, and name scenarios that there are', () => {
    const names = SCENARIOS.map(({ name }) => name);
    for (const { because, scenarios = [] } of LIMITS) {
      assert.ok(because.length > 10);
      assert.deepEqual(
        scenarios.filter((name) => !names.includes(name)),
        [],
      );
    }
  });
  test('are told where a run met them', () => {
    const limits: Limit[] = [
      limit,
      { exit: [3], because: 'exit' },
      { elsewhere: ['~/x'], because: 'x' },
      { processes: ['child'], because: 'child' },
      { failsToMake: true, because: 'mktemp' },
    ];
    const expected = expectedOf({ cli: 'claude', version: '2.1.50', scenario: 'plain' }, limits);
    const met = (changes: Partial<Measured>) => metLimits({ ...CLEAN, ...changes }, expected);
    assert.deepEqual(met({}), []);
    assert.deepEqual(met({ exit: 3, tmp: [file('claude/x')] }), ['old', 'exit']);
    assert.deepEqual(met({ elsewhere: [file('~/x')], processes: ['child'], made: 'failed' }), [
      'x',
      'child',
      'mktemp',
    ]);
  });
  test('versions are compared by number', () => {
    assert.deepEqual(
      [
        isOlder('2.1.9', '2.1.10'),
        isOlder('2.1.10', '2.1.9'),
        isOlder('1.0.0', '1.0.0'),
        isOlder('0.9.9', '1.0.0'),
      ],
      [true, false, false, true],
    );
  });
});

test('what an agent keeps on purpose is no litter, its temporary files among it are', () => {
  const elsewhere = [
    '~/.codex/sessions/x.jsonl',
    '~/.codex/tmp/arg0-linux/codex-arg0Ab/.lock',
    '~/.claude/projects/x',
    '~/.local/state/qw-run/roots',
  ].map(file);
  const left = (cli: typeof codex) =>
    withoutKept({ ...CLEAN, elsewhere }, cli).elsewhere.map(({ path }) => path);
  assert.deepEqual(left(codex), ['~/.codex/tmp/arg0-linux/codex-arg0Ab/.lock', '~/.claude/projects/x']);
  assert.deepEqual(left(claude), ['~/.codex/sessions/x.jsonl', '~/.codex/tmp/arg0-linux/codex-arg0Ab/.lock']);
});

test('a pattern stays within a component, ** does not', () => {
  const table: [pattern: string, path: string, matches: boolean][] = [
    ['a-*', 'a-b', true],
    ['a-*', 'a-b/c', false],
    ['a-*/**', 'a-b/c/d', true],
    ['a-*/**', 'a-b/', true],
    ['a.b', 'axb', false],
    ['x-<uid>/**', 'x-1000/y', true],
    ['x-<uid>/**', 'x-me/y', false],
  ];
  for (const [pattern, path, matches] of table)
    assert.equal(isOneOf([pattern], path), matches, `${pattern} ${path}`);
});

test('every agent runs every scenario that is for it and its version, alone, under qw-run and under qw-exec', () => {
  const agents = [
    { cli: claude, version: '2.1.50' },
    { cli: codex, version: '0.169.0' },
    { cli: claude, version: '2.1.330' },
  ];
  const runs = planned(agents, SCENARIOS);
  const of = (name: string) => runs.filter(({ scenario }) => scenario.name === name);
  assert.deepEqual(
    of('term').map(({ mode }) => mode),
    [1, 2, 3].flatMap(() => ['alone', 'qw-run', 'qw-exec']),
  );
  assert.deepEqual(
    of('bg-wu-first').map(({ mode }) => mode),
    ['qw-run', 'qw-exec'],
  );
  assert.deepEqual(
    of('kill-wrapper').map(({ mode }) => mode),
    ['qw-run', 'qw-run', 'qw-run'],
  );
  assert.deepEqual(
    of('daemon').map(({ agent }) => agent.version),
    ['2.1.330', '2.1.330', '2.1.330'],
  );
  assert.deepEqual([...new Set(of('settings').map(({ agent }) => agent.cli.name))], ['claude']);
});
