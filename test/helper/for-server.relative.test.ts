// A path is meant from where the server is; its helper is in `/`.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forge, leaseOf } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { type Scene, scene } from '../helpers/scene.js';

const orphan = ({ box }: Scene, id: string) => forge(box, id, { lease: leaseOf(id) });
/** The root of the sandbox is `./r` there. */
const from = ({ box }: Scene) => `process.chdir(${JSON.stringify(box.dir)});
  const listed = ({ sessions }) => sessions.map(({ id }) => id).join();
  const env = { ...process.env, QW_ROOT: './r' };`;

describe('a relative root', { concurrency: 2 }, () => {
  for (const options of [`{ root: './r' }`, '{ env }'])
    test(`is listed and reaped: ${options}`, async (t) => {
      const here = scene(t);
      orphan(here, 'dead1234');
      const script = `${from(here)}
        say('list', listed(await qw.listSessions(${options})));
        say('reap', ids(await qw.reap(${options})));`;
      const { code, stdout, stderr } = await server(here, script).done;
      assert.deepEqual([code, stdout, stderr], [0, 'list dead1234\nreap dead1234\n', '']);
    });

  for (const [options, then] of [
    [`root: './r'`, `process.chdir('/');`],
    ['env', ''],
  ])
    test(`is reaped by a reaper: { ${options} } ${then}`, async (t) => {
      const here = scene(t);
      orphan(here, 'dead1234');
      const script = `${from(here)}
        reaper({ ${options}, onReport: (report) => { say('reap', ids(report)); process.exit(); } });
        ${then}
        setInterval(() => {}, 60_000);`;
      const { stdout, stderr } = await server(here, script).done;
      assert.deepEqual([stdout, stderr], ['reap dead1234\n', '']);
    });

  test('that is empty is refused as ever', async (t) => {
    const here = scene(t);
    const script = `for (const call of [qw.listSessions, qw.reap])
      await call({ root: '' }).catch(({ code }) => say(code));`;
    assert.equal((await server(here, script).done).stdout, 'ERR_QW_USAGE\n'.repeat(2));
  });
});
