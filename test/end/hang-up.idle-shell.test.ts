// An interactive shell ignores SIGTERM. One that has a terminal to itself gets the hangup that a closing
// terminal sends; but not where a job of it is spared, to which the shell would pass it on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { qwRun } from '../helpers/paths.js';
import { isAlive } from '../helpers/processes.js';
import { quoted } from '../helpers/quoted.js';
import { type Scene, scene } from '../helpers/scene.js';
import { type Server, startServer, type Tab } from '../helpers/server.js';
import { waitUntil } from '../helpers/wait-until.js';

const SHELLS: [name: string, start: string][] = [
  ['bash', 'exec bash --norc --noprofile -i'],
  ['dash', 'exec dash -i'],
  ['zsh', 'exec zsh -f -i'],
  ['fish', 'exec fish --no-config -i'],
];

/** With so little time the shells that are not hung up do not keep anybody waiting. */
function serverWith(here: Scene, more: NodeJS.ProcessEnv): Server {
  const env = { ...here.options.env, QW_GRACE: '500ms', ...more };
  return startServer({ ...here, options: { ...here.options, env } });
}

/** At its prompt: what was typed is done. */
async function asked(tab: Tab, line: string): Promise<void> {
  tab.type(`${line}; echo "as"ked`);
  await tab.says(/asked\r/);
}

describe('an idle shell on a terminal of its own', { concurrency: 3 }, () => {
  for (const [name, script] of SHELLS) {
    const skip = spawnSync(name, ['-c', ':']).error ? `no ${name} here` : false;
    test(`${name} is ended by the hangup`, { skip }, async (t) => {
      const here = scene(t);
      const server = startServer(here);
      const tab = await server.open(script);
      await asked(tab, ':');
      const { state, ended } = await tab.stop();
      assert.deepEqual([state, ended.map(({ pid }) => pid)], ['removed', [tab.pid]]);
      await waitUntil('its end is told', () => server.signalOf(tab) !== undefined);
      assert.notEqual(server.signalOf(tab), constants.signals.SIGKILL);
    });
  }

  test('is hung up once its jobs have left', async (t) => {
    const here = scene(t);
    const server = startServer(here);
    const tab = await server.open('exec bash --norc -i');
    await asked(tab, 'sleep 600 & :');
    const { state, ended } = await tab.stop();
    assert.deepEqual([state, ended.length], ['removed', 2]);
    await waitUntil('its end is told', () => server.signalOf(tab) !== undefined);
    assert.notEqual(server.signalOf(tab), constants.signals.SIGKILL);
  });

  test('is not hung up while a job of it is spared: it would pass the hangup on', async (t) => {
    const here = scene(t);
    const editor = join(here.box.dir, 'elsewhere/my-editor');
    mkdirSync(join(here.box.dir, 'elsewhere'));
    copyFileSync('/usr/bin/sleep', editor);
    const tab = await serverWith(here, { QW_SPARE: 'my-editor' }).open('exec bash --norc -i');
    await asked(tab, `${editor} 600 & echo "job $! "`);
    const [, job] = await tab.says(/job (\d+) /);
    const { state, ended, left } = await tab.stop();
    assert.deepEqual([state, ended.map(({ pid }) => pid)], ['held', [tab.pid]]);
    assert.deepEqual(
      left.map(({ pid, why }) => [pid, why]),
      [[Number(job), 'spared']],
    );
    assert.ok(isAlive(Number(job)));
  });

  test('is hung up once a session that was opened in it has ended', async (t) => {
    const here = scene(t);
    const server = serverWith(here, { QW_GRACE: '60s' });
    const tab = await server.open('exec bash --norc -i');
    await asked(tab, ':');
    tab.type(`${quoted(process.execPath, qwRun)} sh -c 'echo "in"side; exec sleep 600'`);
    await tab.says(/inside/);
    await tab.stop();
    await waitUntil('its end is told', () => server.signalOf(tab) !== undefined);
    assert.notEqual(server.signalOf(tab), constants.signals.SIGKILL);
    assert.deepEqual(here.box.left(), []);
  });

  test('is not what ignores SIGTERM for its work: it has its grace period', async (t) => {
    const here = scene(t);
    const server = serverWith(here, {});
    const tab = await server.open('trap "" TERM; echo "as"ked; while :; do sleep 0.1; done');
    await tab.says(/asked/);
    await tab.stop();
    await waitUntil('its end is told', () => server.signalOf(tab) !== undefined);
    assert.equal(server.signalOf(tab), constants.signals.SIGKILL);
  });

  test('is not hung up where its jobs are to live on', async (t) => {
    const here = scene(t);
    const tab = await serverWith(here, { QW_SURVIVORS: 'keep' }).open('exec bash --norc -i');
    await asked(tab, 'sleep 600 & echo "job $! "');
    const [, job] = await tab.says(/job (\d+) /);
    const { ended } = await tab.stop();
    assert.deepEqual(
      ended.map(({ pid }) => pid),
      [tab.pid],
    );
    await waitUntil('the shell has told its jobs, or not', () => !isAlive(tab.pid));
    assert.ok(isAlive(Number(job)));
  });

  test('is not hung up while somebody who opted out is in a job of it', async (t) => {
    const here = scene(t);
    const tab = await serverWith(here, {}).open('exec bash --norc -i');
    const away = 'env -u QW_SESSION TMPDIR=/tmp sleep 600';
    await asked(tab, `sh -c '(${away} & echo "away $! "); exec sleep 601' & :`);
    const [, left] = await tab.says(/away (\d+) /);
    const { ended } = await tab.stop();
    assert.ok(ended.some(({ pid }) => pid === tab.pid));
    await waitUntil('the shell has told its jobs, or not', () => !isAlive(tab.pid));
    assert.ok(isAlive(Number(left)));
  });
});
