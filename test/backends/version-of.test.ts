// A binary is asked for its version only where it is Claude's that is started, and as no member of the session.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { profile } from '#src/session/agent-profile.js';
import { childrenOf, start } from '../helpers/cli.js';
import { NO_NATIVE, native } from '../helpers/native.js';
import { qwRun } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

describe('under qw-run', { skip: NO_NATIVE }, () => {
  test('the binary is asked as no member of a session, in vain for two seconds at most', async (t) => {
    const { box, options, nothingLeft } = scene(t);
    const program = join(box.dir, 'claude');
    native(program, '2.1.50 (Claude Code)\nready\n', { stays: true });
    const wrapper = start(qwRun, [program], options);
    const asked = await waitUntil('it is asked', () =>
      childrenOf(wrapper.pid)
        .map((pid) => ['cmdline', 'environ', 'cwd'].map((name) => lookAt(pid, name)))
        .find(([cmdline]) => cmdline === `${program}\0--version\0`),
    );
    const names = (asked[1] ?? '').split('\0').map((entry) => entry.split('=')[0]);
    assert.deepEqual(
      [names.filter((name) => !/^(PATH|LD_LIBRARY_PATH|)$/.test(name ?? '')), asked[2]],
      [[], '/'],
    );
    await wrapper.says('ready'); // the agent itself
    kill(wrapper.pid, 'SIGTERM');
    assert.equal((await wrapper.done).signal, 'SIGTERM');
    nothingLeft();
  });
});

test('nobody is asked for a command whose version decides nothing', { skip: NO_NATIVE }, (t) => {
  const { box, options } = scene(t);
  const bin = join(box.dir, 'bin');
  mkdirSync(bin);
  for (const name of ['claude', 'codex', 'gemini']) native(join(bin, name), '');
  const answer = { stdout: '2.1.50 (Claude Code)\n', status: 0 };
  const asked = t.mock.method(
    createRequire(import.meta.url)('node:child_process'),
    'spawnSync',
    () => answer,
  );
  const env: NodeJS.ProcessEnv = { ...options.env, PATH: bin };
  const profileOf = (command: string, ...args: string[]) => profile({ command, args, tmpdir: box.dir, env });
  profileOf('codex', 'exec');
  profileOf('gemini');
  profileOf('sh', '-c', 'true; claude');
  profileOf('env', 'claude-not');
  assert.equal(asked.mock.callCount(), 0);
  profileOf('claude');
  assert.deepEqual(asked.mock.calls[0]?.arguments.slice(0, 2), [join(bin, 'claude'), ['--version']]);
});

/** What procfs has of a process that may be gone. */
function lookAt(pid: number, name: string): string {
  try {
    const path = `/proc/${pid}/${name}`;
    return name === 'cwd' ? readlinkSync(path) : readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
