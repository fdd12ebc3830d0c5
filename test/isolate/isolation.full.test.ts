// A TMPDIR in memory that was full in the middle of a session, whose owner was killed then: the watchdog's receipt says so, and
// what its limit was. The note lies outside of that memory.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readNote } from '#src/space/full-note.js';
import { noIsolation } from '../helpers/isolation.js';
import { killed, openWith } from '../helpers/reaping.js';
import { receiptsIn } from '../helpers/receipts.js';
import { scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const FILL = 'head -c 9000000 /dev/zero > "$TMPDIR/big" 2>/dev/null';
const AGENT = `echo "ready $$ "; until [ -e seen ]; do ${FILL}; sleep 0.1; done; rm "$TMPDIR/big" seen; exec sleep 600`;

test('the limit of a TMPDIR in memory was reached', { skip: noIsolation() }, async (t) => {
  const here = scene(t);
  const flags = ['--isolate', 'tmpfs', '--size', '1M'];
  const { wrapper, agent, id } = await openWith(here, flags, AGENT);
  const note = join(here.box.root, id, 'inside/full');
  await waitUntil('its owner has noted it', () => readNote(note) !== undefined);
  const seen = join(here.box.cwd, 'seen');
  writeFileSync(seen, '');
  await waitUntil('there is room again', () => !existsSync(seen));
  await killed(wrapper.pid);
  await killed(agent);
  await here.nothingLeftSoon();
  await waitUntil('it is told', () => receiptsIn(here).some(({ state }) => state === 'removed'));
  const { by, lastPressure } = receiptsIn(here).at(-1) ?? {};
  assert.deepEqual([by, lastPressure?.code, lastPressure?.limitBytes], ['watchdog', 'ENOSPC', 2 ** 20]);
});
