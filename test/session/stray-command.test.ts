// What Claude runs when a conversation begins: it tells user and model where its commands do not get TMPDIR, and nothing else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { openSession } from 'qw-run';
import { strayCommand } from '#src/session/stray-command.js';
import { fakeClaude } from '../helpers/fake-claude.js';
import { scene } from '../helpers/scene.js';

const T = '/r/a "place" of\nLee\'s/tmp';
const SHELLS = ['/bin/sh', '/bin/bash'];

function said(shell: string, env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr } = spawnSync(shell, ['-c', strayCommand('Event', T) ?? 'exit 1'], {
    env,
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
}

describe('nothing is said', () => {
  for (const [what, env] of [
    ['where it is', { TMPDIR: T }],
    ['below it', { TMPDIR: `${T}/claude-1000` }],
    ["in another session's", { TMPDIR: '/r/other/tmp', QW_SESSION: 'abcd1234' }],
  ] as const)
    test(what, () => {
      for (const shell of SHELLS) assert.equal(said(shell, env), '');
    });
});

describe('it is told', () => {
  for (const [what, env] of [
    ['without any', {}],
    ['with that of its person', { TMPDIR: '/var/tmp' }],
    ['with one of a name that begins like it', { TMPDIR: `${T}2`, QW_SESSION: '' }],
  ] as const)
    test(what, () => {
      for (const shell of SHELLS) {
        const { systemMessage, hookSpecificOutput } = JSON.parse(said(shell, env));
        assert.equal(hookSpecificOutput.hookEventName, 'Event');
        for (const text of [systemMessage, hookSpecificOutput.additionalContext])
          assert.ok(text.includes(`do not get TMPDIR "/r/a \\"place\\" of\\nLee's/tmp": `), text);
        assert.match(systemMessage, /^qw-run: .*qw-exec/);
      }
    });
});

test('a session of Claude in a terminal gets it with its own TMPDIR; not where nobody wants to be told', async (t) => {
  const here = scene(t);
  const fake = fakeClaude(here, '2.1.139');
  const open = (tell: boolean) =>
    openSession({ env: fake.env, cwd: here.box.cwd, command: ['claude'], tell });
  const [told, untold] = [await open(true), await open(false)];
  const [given = ''] = told.args('claude', ['say hi']);
  const { hooks } = JSON.parse(given.replace('--settings=', ''));
  assert.equal(hooks.SessionStart[0].hooks[0].command, strayCommand('SessionStart', told.tmpdir));
  assert.deepEqual(untold.args('claude', ['say hi']), ['say hi']);
  for (const session of [told, untold]) await session.end();
});
