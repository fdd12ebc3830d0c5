// What runs with other rights than the session's own: sudo, whose real uid is still ours, and su, under which root's child becomes somebody
// else. Whoever can be ended is; whoever stays is named.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { accountScene, covers, NAME, theirs } from '../helpers/accounts.js';
import { missing, named } from '../helpers/belongs.js';
import { run } from '../helpers/cli.js';
import { agentThat, CODE, killAfter, nameOf } from '../helpers/leaving-agent.js';
import { qwRun } from '../helpers/paths.js';
import { inPrivateMounts, unmountBelow } from '../helpers/private-mounts.js';
import { isAlive, kill } from '../helpers/processes.js';
import { put } from '../helpers/reaping.js';
import { noUsers } from '../helpers/users.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url) || noUsers();
const noSudo = skip || missing('sudo');
const STAY = 'exec sleep 600 >/dev/null 2>&1';
const SUDOERS = `Defaults !lecture, !syslog\n${NAME} ALL=(ALL) NOPASSWD: ALL\n`;
/** How the session ends. */
const ENDS = ['SIGTERM to qw-run', 'the agent leaves'];

const numberIn = (file: string) => (existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0);

function sudoScene(t: TestContext) {
  t.after(() => unmountBelow('/etc/sudoers'));
  const here = theirs(accountScene(t));
  covers(here, '/etc/sudoers', SUDOERS);
  chmodSync('/etc/sudoers', 0o440);
  return here;
}

for (const how of ENDS)
  for (const [what, trap] of [
    ['sudo and what it runs are ended', ''],
    ['what it runs and is deaf to SIGTERM is ended or named', 'trap "" TERM; '],
  ] as const)
    test(`${how}: ${what}`, { skip: noSudo }, async (t) => {
      const here = sudoScene(t);
      const file = join(here.box.dir, 'child');
      const command = `sudo sh -c '${trap}echo $$ >${file}; exec sleep 600'`;
      const script = `${command} >/dev/null 2>&1 & echo "ready $! "`;
      const { wrapper, pid, leave } = await agentThat(here, ['--grace', '1s'], script);
      const child = (await waitUntil('it runs that', () => numberIn(file))) as number;
      for (const one of [pid, child]) killAfter(t, one);
      await waitUntil('its exec is done', () => nameOf(child) === 'sleep' && nameOf(pid) === 'sudo');
      if (how === 'the agent leaves') void leave();
      else kill(wrapper.pid, 'SIGTERM');
      const { code, stderr } = await wrapper.done;
      if (how === 'the agent leaves') assert.equal(code, CODE);
      // Whoever has lost its parents before a look saw them is nobody's, as far as can be told.
      if (how === 'the agent leaves' && isAlive(pid)) {
        named(stderr, pid);
        kill(child, 'SIGKILL');
        return here.nothingLeftSoon();
      }
      assert.ok(!isAlive(pid), `sudo lives; ${stderr}`);
      if (trap === '' || !isAlive(child)) assert.ok(!isAlive(child), stderr);
      else named(stderr, child);
      kill(child, 'SIGKILL');
      await here.nothingLeftSoon();
    });

test('qw-run sudo: a line says that sudo removes TMPDIR', { skip: noSudo }, async (t) => {
  const here = sudoScene(t);
  const { code, stdout, stderr } = await run(qwRun, ['sudo', 'sh', '-c', 'echo "[$TMPDIR]"'], here.options);
  assert.deepEqual([code, stdout], [0, '[]\n']);
  assert.match(stderr, /^qw-run: (?=[^\n]*\bsudo\b)[^\n]*\bTMPDIR\b/m);
  here.nothingLeft();
});

test("root's child that became somebody else is named", { skip: skip || missing('su') }, async (t) => {
  const here = accountScene(t);
  chmodSync(here.box.dir, 0o755);
  const script = put(join(here.box.dir, 'stay'), `echo "ready $$ "; ${STAY}`);
  const start = `su ${NAME} -s /bin/sh -c "setsid sh '${script}' &"`;
  const { pid, leave } = await agentThat(here, [], start);
  killAfter(t, pid);
  await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  named(stderr, pid);
  kill(pid, 'SIGKILL');
  await here.nothingLeftSoon();
});
