// When a session of a backend ends in a server whose reaper has `legacy` on, what that backend left elsewhere and is stale goes too:
// not that of another, and one pass does for sessions that end together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start } from '../helpers/cli.js';
import { CWD, leave, left, legacy, SESSION, SHELL } from '../helpers/legacy.js';
import { repoRoot } from '../helpers/paths.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { HOUR, put, shifted } from '../helpers/reaping.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url);

/** Waits for a line on stdin before each step. */
const SERVER = `import { openSession, startReaper } from 'qw-run';
  import { createInterface } from 'node:readline';
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  let passes = 0;
  startReaper({ onReport: () => console.log('pass', ++passes) });
  await lines.next();
  const open = (backend) => openSession({ backend, watchdog: false });
  const sessions = await Promise.all(Array.from({ length: 20 }, () => open('claude')));
  const other = await open('generic');
  await other.end();
  await Promise.all(sessions.map((session) => session.end()));
  console.log('ended');
  await lines.next();
  process.exit();`;

test('stale leavings of the backend whose session ended go, in few passes', { skip }, async (t) => {
  const { here } = legacy(t);
  const env = { ...here.defaults.env, ...shifted({ laterMs: 80 * HOUR }) };
  const run = start('--input-type=module', ['-e', SERVER], {
    cwd: repoRoot,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await run.says('pass 1\n');
  for (const entry of [SESSION, CWD, SHELL]) leave(entry);
  put('/tmp/tmp.AbCdEfGhIj');
  run.child.stdin?.write('\n');
  await run.says('ended\n');
  await waitUntil('what claude left is gone', () => left([SESSION, CWD]).length === 0);
  assert.deepEqual(left([SHELL, 'tmp.AbCdEfGhIj']), [SHELL, 'tmp.AbCdEfGhIj']);
  await run.says('pass 2\n');
  run.child.stdin?.write('\n');
  await run.done;
  const passes = run.stdout().match(/^pass/gm)?.length ?? 0;
  assert.ok(passes >= 2 && passes < 20, `${passes} passes for 20 sessions`);
});
