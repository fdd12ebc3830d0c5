// A reaper does its server no harm: not by what the server's own functions do, not by an interval that Node's timers lack.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isAlive } from '../helpers/processes.js';
import { linesOf, server } from '../helpers/reaping-server.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** A second reaper tells the time: its passes come every second. */
const STAY = `reaper({ every: '1s', onReport: () => say('tick') }); setInterval(() => {}, 60_000);`;

describe('a server lives on, its reaper too, when', { concurrency: 2 }, () => {
  const table: [what: string, options: string][] = [
    ['onReport throws what is no error', `{ onReport() { say('called'); throw undefined; } }`],
    ['onReport is async and rejects', `{ async onReport() { say('called'); throw new Error('x'); } }`],
    ['onReport never comes to its end', `{ onReport() { say('called'); return new Promise(() => {}); } }`],
    [
      'its logger throws',
      `{ onReport() { say('called'); throw new Error('x'); }, logger: { info() {}, warn() { throw new Error('y'); } } }`,
    ],
  ];
  for (const [what, options] of table) {
    test(what, async (t) => {
      const here = scene(t);
      const run = server(here, `reaper({ every: '1s', ...${options} }); ${STAY}`);
      const isOver = () => run.child.exitCode !== null;
      await waitUntil('it was called twice', () => linesOf(run, 'called').length > 1 || isOver());
      assert.ok(isAlive(run.pid), run.stderr());
      assert.equal(run.stderr(), '');
    });
  }
});

describe('passes are as far apart as told:', { concurrency: 2 }, () => {
  for (const every of ['24d', '30d']) {
    test(every, async (t) => {
      const here = scene(t);
      const run = server(here, `reaper({ every: '${every}', onReport: () => say('pass') }); ${STAY}`);
      await waitUntil('some time goes by', () => linesOf(run, 'tick').length >= 3);
      assert.deepEqual(linesOf(run, 'pass'), ['pass']);
      assert.equal(run.stderr(), '');
    });
  }
});
