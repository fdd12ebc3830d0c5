// How large a session was, in its receipt, as far as somebody saw it: a list, or the look at its end.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listSessions } from 'qw-run';
import { run } from '../helpers/cli.js';
import { opened } from '../helpers/opened.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { put } from '../helpers/reaping.js';
import { receiptsIn } from '../helpers/receipts.js';
import { scene } from '../helpers/scene.js';

const MIB = 2 ** 20;

test('what a list saw stays the peak when the agent has removed it since', async (t) => {
  const here = scene(t);
  const session = await opened(t, here);
  writeFileSync(put(join(session.tmpdir, 'deep/large')), Buffer.alloc(3 * MIB, 1));
  await listSessions({ env: here.box.env });
  rmSync(join(session.tmpdir, 'deep'), { recursive: true });
  await session.end();
  const [{ id, peak } = { id: '', peak: undefined }] = receiptsIn(here);
  assert.ok(peak && peak.bytes >= 3 * MIB && peak.bytes < 4 * MIB && peak.entries >= 3, JSON.stringify(peak));
  const { stdout } = await run(qwTmp, ['log', id], here.options);
  assert.match(stdout, /^ {2}peak seen +3\.\d MiB in \d entries$/m);
});

test('of what nobody listed it is what the look at the end saw; with no look there is none', async (t) => {
  const here = scene(t);
  const ended = async (measure: boolean) => {
    const session = await opened(t, here);
    for (const name of ['a', 'b/c', 'b/d'])
      writeFileSync(put(join(session.tmpdir, name)), Buffer.alloc(MIB, 1));
    await session.end({ measure });
    return receiptsIn(here).at(-1)?.peak;
  };
  const peak = await ended(true);
  assert.ok(peak && peak.bytes >= 3 * MIB && peak.bytes < 4 * MIB, JSON.stringify(peak));
  assert.equal(peak.entries, 4);
  assert.equal(await ended(false), undefined);
  await run(qwRun, ['true'], here.options);
  assert.equal(receiptsIn(here).at(-1)?.peak, undefined);
});
