// SIGKILL to wrapper, bubblewrap and agent in every order: no mount, no file, no process stays on the host.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { isolatedRun, noIsolation, seers } from '../helpers/isolation.js';
import { isAlive, kill } from '../helpers/processes.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = noIsolation();
const WHO = ['wrapper', 'bwrap', 'agent'] as const;
const orders = WHO.flatMap((a) =>
  WHO.filter((b) => b !== a).map((b) => [a, b, ...WHO.filter((c) => c !== a && c !== b)]),
);

describe('kill -9', { skip }, () => {
  for (const flags of [['tmpfs'], ['tmp'], ['tmp', '--size', '4M']])
    for (const order of flags[0] === 'tmpfs' ? orders : orders.slice(0, 2))
      test(`${flags.join(' ')}: ${order.join(', ')}`, async (t) => {
        const here = scene(t);
        const script = 'echo x >"$TMPDIR/f"; echo "ready $$ "; exec sleep 600';
        const command = ['--isolate', ...flags, 'sh', '-c', script];
        const { running, agent, bwrap, inside } = await isolatedRun(here, command);
        assert.ok(seers(basename(here.box.dir)).includes(agent));
        const pids: Record<string, number> = { wrapper: running.pid, bwrap, agent };
        for (const who of order) {
          kill(pids[who] as number, 'SIGKILL');
          await waitUntil(`${who} is dead`, () => !isAlive(pids[who] as number));
        }
        await waitUntil('the keeper is gone', () => !isAlive(inside));
        await here.nothingLeftSoon();
        assert.deepEqual(seers(basename(here.box.dir)), []);
      });
});
