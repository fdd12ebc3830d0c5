// git's credential cache: whoever logs in first starts its daemon, which keeps the logins of all terminals.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { beside, daemonScene, likeThis, missing } from '../helpers/belongs.js';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { isAlive } from '../helpers/processes.js';

const skip = missing('git');
const STORE = `printf 'protocol=https\\nhost=example.org\\nusername=u\\npassword=secret\\n\\n' |`;
const ASK = 'protocol=https\nhost=example.org\n\n';
const DAEMON = /credential-cache--daemon/;

describe("git's credential cache", { skip, concurrency: 2 }, () => {
  for (const where of ['HOME', 'XDG_CACHE_HOME'])
    test(`its socket below ${where}: the login outlives the session, and T goes`, async (t) => {
      const here = daemonScene(t);
      delete here.options.env['XDG_CACHE_HOME'];
      if (where !== 'HOME') here.options.env[where] = join(here.box.dir, 'cache');
      const { leave } = await agentThat(here, [], `${STORE} git credential-cache store; echo "ready $$ "`);
      const daemons = await likeThis(here, DAEMON);
      const { code, stderr } = await leave();
      assert.equal(code, CODE);
      assert.ok(daemons.every(isAlive), stderr);
      assert.match(beside(here, 'git', ['credential-cache', 'get'], ASK), /^password=secret$/m);
      assert.deepEqual(here.box.left(), []);
      beside(here, 'git', ['credential-cache', 'exit']);
      await here.nothingLeftSoon();
    });

  test('its only socket in T: nobody else could ask it, and it is ended', async (t) => {
    const here = daemonScene(t);
    const script = `mkdir -m 700 "$TMPDIR/c"; ${STORE} git credential-cache --socket "$TMPDIR/c/s" store`;
    const { leave } = await agentThat(here, [], `${script}; echo "ready $$ "`);
    await likeThis(here, DAEMON);
    assert.equal((await leave()).code, CODE);
    here.nothingLeft();
  });
});
