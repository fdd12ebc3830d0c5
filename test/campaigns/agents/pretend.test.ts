// A small part of verify:agents, against a program that imitates an agent: the same stage, scenarios and verdicts as
// for the real ones. It proves that a run sees what an agent leaves, and that qw-run leaves nothing of it.
import assert from 'node:assert/strict';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fixture } from '../../helpers/paths.js';
import { sandbox } from '../../helpers/sandbox.js';
import { noUsers } from '../../helpers/users.js';
import { claude } from './clis/claude.js';
import { expectedOf } from './expected.js';
import { faultsOf, missing, withoutKept } from './judge-run.js';
import { LIMITS } from './limits.js';
import type { Mode, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import { cannotStage, type Stage, staged } from './stage/place.js';
import type { Exit, Measured } from './stage/row.js';

const NOBODY = 65_534;
const stageIn = (dir: string): Stage => ({ dir, keep: [dir], uid: NOBODY });
const isRoot = process.getuid?.() === 0;
const skip = cannotStage(stageIn('/tmp')) || (isRoot && noUsers());

async function measure(t: TestContext, name: string, mode: Mode): Promise<Measured> {
  const { dir } = sandbox(t);
  chmodSync(dir, 0o755); // as root, the run is another user's
  const program = join(dir, 'claude');
  symlinkSync(fixture('pretend-agent.mjs'), program);
  const measured = await staged(stageIn(dir), { cli: 'claude', scenario: name, program, mode });
  assert.deepEqual(missing(scenario(name), measured), [], measured.said);
  return withoutKept(measured, claude);
}

const scenario = (name: string) => SCENARIOS.find((one) => one.name === name) as Scenario;

async function isAsExpected(t: TestContext, name: string, alone: Exit, mode: Mode = 'qw-run'): Promise<void> {
  const measured = await measure(t, name, mode);
  const expected = expectedOf({ cli: 'claude', version: '2.1.330', scenario: name }, LIMITS);
  assert.deepEqual(faultsOf(measured, expected, alone), [], measured.said);
}

describe('a pretended agent', { skip, concurrency: 3 }, () => {
  test('alone leaves its files, its processes and what its commands made', async (t) => {
    const { exit, tmp, processes, root } = await measure(t, 'term', 'alone');
    assert.equal(exit, 'SIGTERM');
    assert.deepEqual(
      tmp.map(({ path }) => path.replace(/\d+/, 'N')),
      ['claude-N/project/session/tasks/'],
    );
    assert.deepEqual(processes, ['bash', 'child', 'command', 'env -i setsid child', 'setsid child']);
    assert.deepEqual(root, []);
  });
  test('with qw-run: two commands make their files in TMPDIR', (t) => isAsExpected(t, 'plain', 0));
  test('with qw-run: SIGTERM leaves nothing', (t) => isAsExpected(t, 'term', 'SIGTERM'));
  test('with qw-run: SIGKILL of the agent leaves nothing', (t) => isAsExpected(t, 'kill', 'SIGKILL'));
  test('with qw-run: SIGKILL of the wrapper leaves the agent alone, and nothing after it', (t) =>
    isAsExpected(t, 'kill-wrapper', 'SIGKILL'));
  test('with qw-exec: two commands make their files in TMPDIR', (t) =>
    isAsExpected(t, 'plain', 0, 'qw-exec'));
  test('with qw-exec: SIGTERM leaves nothing', (t) => isAsExpected(t, 'term', 'SIGTERM', 'qw-exec'));
  test('without qw-run, what an agent leaves is a fault', async (t) => {
    const strict = expectedOf({ cli: 'claude', version: '2.1.330', scenario: 'term' }, []);
    const faults = faultsOf(await measure(t, 'term', 'alone'), strict, 'SIGTERM');
    for (const name of ['setsid child', 'env -i setsid child'])
      assert.ok(faults.includes(`${name} runs`), faults.join());
  });
});
