// Functions of the caller that throw, or reject, are its own fault: no pass ends by them, and no server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { forge, leaseOf } from '../helpers/reaping.js';
import { linesOf, server } from '../helpers/reaping-server.js';
import { type Scene, scene } from '../helpers/scene.js';

const orphan = ({ box }: Scene, id: string) => forge(box, id, { lease: leaseOf(id) });
const FAULTS = [
  ['throws', `throw new Error('its own fault')`],
  ['throws what is no error', 'throw undefined'],
  ['rejects', `return Promise.reject(new Error('its own fault'))`],
] as const;

describe('the caller goes on, and gets its report, when', { concurrency: 2 }, () => {
  for (const [how, fault] of FAULTS) {
    test(`onProgress of reap ${how}`, async (t) => {
      const here = scene(t);
      orphan(here, 'dead1234');
      const script = `const report = await qw.reap({ onProgress() { say('called'); ${fault} } }); say(ids(report));`;
      const { code, stdout, stderr } = await server(here, script).done;
      assert.deepEqual([code, stdout, stderr], [0, 'called\ndead1234\n', '']);
    });

    test(`onProgress of doctor ${how}`, async (t) => {
      const here = scene(t);
      const script = `const { version } = await qw.doctor({ time: 0, onProgress() { say('called'); ${fault} } }); say(version);`;
      const { code, stdout, stderr } = await server(here, script).done;
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /^(called\n)+1\n$/);
    });

    for (const method of ['info', 'warn'] as const)
      test(`logger.${method} of startReaper ${how}`, async (t) => {
        const here = scene(t);
        orphan(here, 'dead1234');
        const logger = `{ info() {}, warn() {}, ${method}() { say('called'); ${fault} } }`;
        const report = `onReport: (r) => { say('report', ids(r)); ${method === 'warn' ? `throw new Error('x')` : ''} }`;
        const script = `reaper({ every: '1s', logger: ${logger}, ${report} }); setInterval(() => {}, 60_000);`;
        const run = server(here, script);
        await run.says('called\n');
        await run.says(/^report dead1234\n[\s\S]*^report \n/m);
        assert.equal(run.stderr(), '');
      });

    test(`onProgress of startReaper ${how}`, async (t) => {
      const here = scene(t);
      orphan(here, 'dead1234');
      const options = `{ onProgress() { say('called'); ${fault} }, onReport: (r) => say('report', ids(r)) }`;
      const run = server(here, `reaper(${options}); setInterval(() => {}, 60_000);`);
      await run.says('report dead1234\n');
      assert.deepEqual([linesOf(run, 'called').length, run.stderr()], [1, '']);
    });
  }
});
