// A daemon that nobody lists, born in the session, which runs commands for another terminal: such a command has the environment of that
// terminal, whole and without our variables, and lives on. A child without an environment to read is the daemon's own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { daemonScene, named } from '../helpers/belongs.js';
import { agentThat, CODE, killAfter, nameOf } from '../helpers/leaving-agent.js';
import { isAlive } from '../helpers/processes.js';
import { killed } from '../helpers/reaping.js';
import { parentOf, type Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Runs each line that it is asked for, as `redis` or a build server would. */
const DAEMON = `#!/bin/sh
echo "ready $$ "
exec >/dev/null 2>&1 <>"$HOME/ask"
while read -r line; do sh -c "$line" & done
`;
const PATH = 'PATH="$PATH"';
const HOME = 'HOME="$HOME"';

/** Environments of the child, as arguments of `env -i`, and whether it lives on. */
const TABLE: [what: string, env: string, lives: boolean][] = [
  ['of another terminal', `${PATH} ${HOME} LANG=C`, true],
  ['of another terminal with a TMPDIR of its own', `${PATH} ${HOME} TMPDIR=/var/tmp`, true],
  ['that names another session', `${PATH} ${HOME} QW_SESSION=zzzzzzzz TMPDIR=/tmp/qw-1/zzzzzzzz/tmp`, true],
  ['of this session', `${PATH} ${HOME} QW_SESSION="$QW_SESSION"`, false],
  ['with T as TMPDIR', `${PATH} ${HOME} TMPDIR="$TMPDIR"`, false],
  ['that is empty', '', false],
  ['without HOME', PATH, false],
  ['without PATH', HOME, false],
];

describe('a child of an unlisted daemon, its environment one', { concurrency: 2 }, () => {
  for (const [what, env, lives] of TABLE)
    test(`${what}: it ${lives ? 'lives on, named' : 'is ended like the daemon'}`, async (t) => {
      const here = daemonScene(t);
      const daemon = await unlisted(here);
      const child = await daemon.asks(`exec env -i ${env} sleep 600`);
      killAfter(t, child);
      const { code, stderr } = await daemon.leave();
      assert.equal(code, CODE);
      assert.deepEqual([isAlive(daemon.pid), isAlive(child)], [false, lives], stderr);
      named(stderr, child);
      if (lives) await killed(child);
      await here.nothingLeftSoon();
    });
});

/** A daemon like that, reparented; `asks` resolves with the pid of what it runs. */
async function unlisted(here: Scene) {
  const path = join(here.box.dir, 'queued');
  const [ask, said] = [join(here.box.dir, 'home/ask'), join(here.box.dir, 'said')];
  writeFileSync(path, DAEMON, { mode: 0o755 });
  execFileSync('mkfifo', [ask]);
  const { pid, leave } = await agentThat(here, [], `(setsid '${path}' &)`);
  await waitUntil('it has lost its parent', () => !here.processes().includes(parentOf(pid)));
  const asks = async (command: string) => {
    writeFileSync(ask, `echo "$$ " >'${said}'; ${command}\n`);
    const pidSaid = () => (existsSync(said) ? Number.parseInt(readFileSync(said, 'utf8'), 10) : 0);
    const child = (await waitUntil('it runs that', pidSaid)) as number;
    await waitUntil('its exec is done', () => nameOf(child) === 'sleep');
    return child;
  };
  return { pid, leave, asks };
}
