// A disk that was full in the middle of a session, whose owner was killed then: the receipt says so, whoever writes it. The disk
// has room again by then, so that it is the owner's note, not a look at the end.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readNote } from '#src/space/full-note.js';
import { run } from '../helpers/cli.js';
import { FILL, leftIn, small } from '../helpers/full-volume.js';
import { qwTmp } from '../helpers/paths.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { killed, openWith, reapOnce } from '../helpers/reaping.js';
import { receiptsIn } from '../helpers/receipts.js';
import type { Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url);

/** Once told, keeps the disk full until its owner has seen it, then makes room. */
const AGENT = `echo "ready $$ "; until [ -e go ]; do sleep 0.1; done
  until [ -e seen ]; do ${FILL}; sleep 0.1; done; rm "$TMPDIR/big"; exec sleep 600`;

/** A session in a small root, its disk full for a while. */
async function pressed(t: TestContext, flags: string[]) {
  const { here, root } = small(t, 2);
  const place = { ...here, box: { ...here.box, root } };
  const session = await openWith(place, flags, AGENT); // a full disk would refuse the lease that names the agent
  writeFileSync(join(here.box.cwd, 'go'), '');
  await waitUntil('its owner has noted it', () => readNote(join(root, session.id, 'full')) !== undefined);
  writeFileSync(join(here.box.cwd, 'seen'), '');
  await waitUntil('there is room again', () => !existsSync(join(session.tmpdir, 'big')));
  return { here: place, root, ...session };
}

const pressures = (here: Scene) =>
  receiptsIn(here).map(({ by, state, lastPressure }) => [by, state, lastPressure?.code]);

for (const by of ['watchdog', 'reaper', 'rm'] as const)
  test(`the receipt of ${by} says that the disk was full`, { skip }, async (t) => {
    const flags = by === 'watchdog' ? [] : ['--no-watchdog'];
    const { here, root, wrapper, agent, id } = await pressed(t, flags);
    await killed(wrapper.pid);
    await killed(agent);
    if (by === 'reaper') await reapOnce(here);
    if (by === 'rm') assert.equal((await run(qwTmp, ['rm', id], here.options)).code, 0);
    await waitUntil('it is told', () => receiptsIn(here).some(({ state }) => state === 'removed'));
    assert.deepEqual(pressures(here).at(-1), [by, 'removed', 'ENOSPC']);
    assert.deepEqual(leftIn(root), []);
    const { stdout } = await run(qwTmp, ['log', id], here.options);
    assert.match(stdout, /^ {2}disk full +ENOSPC, seen \d{4}-/m);
  });
