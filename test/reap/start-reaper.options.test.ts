// What startReaper accepts, in an ES module and in CommonJS, beside sessions of the same server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { repoRoot } from '../helpers/paths.js';
import { forge, leaseOf } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { scene } from '../helpers/scene.js';

const wrong = [
  ...["{ every: 'soon' }", '{ every: -1 }', '{ every: NaN }', "{ maxAge: '72' }", "{ maxAge: 'old' }"],
  ...["{ orphans: 'kill' }", "{ orphans: 'kill', enabled: false }"],
];
test('throws at once what cannot be meant, naming it', async (t) => {
  const here = scene(t);
  const script = `for (const options of [${wrong}]) {
      try { reaper(options); say('accepted', options); }
      catch ({ code, message, constructor }) { say(constructor === qw.QwRunError, code, message); } }`;
  const { code, stdout } = await server(here, script).done;
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual([code, lines.length], [0, wrong.length]);
  for (const [index, line] of lines.entries())
    assert.match(line, new RegExp(`^true ERR_QW_USAGE .*${/\w+/.exec(wrong[index] ?? '')?.[0]}`));
});

test('refuses an async function, and a rejection of its promise ends nobody', async (t) => {
  const script = `try { qw.startReaper(async () => { throw new Error('no settings'); }); } catch ({ message }) { say(message); }
      setImmediate(() => say('lives'));`;
  const { code, stdout, stderr } = await server(scene(t), script).done;
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /not from a promise\nlives\n$/);
});

test('a session of the same server is live, and CommonJS may do all this', async (t) => {
  const here = scene(t);
  forge(here.box, 'dead1234', { lease: leaseOf('dead1234') });
  const script = `const { openSession, startReaper } = require('qw-run');
      const stay = setInterval(() => {}, 60000);
      openSession().then((session) => {
        const onReport = async ({ kept, removed }) => {
          console.log(JSON.stringify([kept.map(({ id, state }) => [id === session.id, state]), removed.length]));
          await session.end();
          clearInterval(stay);
        };
        startReaper({ legacy: false, onReport });
      });`;
  const { env } = here.options;
  const { code, stdout, stderr } = await run('-e', [script], { cwd: repoRoot, env });
  assert.deepEqual([code, stdout, stderr], [0, '[[[true,"live"]],1]\n', '']);
  await here.nothingLeftSoon();
});
