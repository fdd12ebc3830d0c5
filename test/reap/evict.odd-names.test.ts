// Under pressure an entry of a living session may have any name: one of 255 bytes goes as any other, one that is no UTF-8 is told.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { forge, HOUR, identityOf, leaseOf, put, realm, reapOnce } from '../helpers/reaping.js';
import { told } from '../helpers/receipts.js';
import { scene } from '../helpers/scene.js';

test('names of all lengths and bytes, when room is short', async (t) => {
  const here = scene(t);
  const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 };
  const { tmpdir } = forge(here.box, 'living00', { lease: leaseOf('living00', { owner }), files: [] });
  const long = put(join(tmpdir, 'x'.repeat(255)));
  const odd = Buffer.concat([Buffer.from(`${tmpdir}/odd`), Buffer.from([0xff])]);
  writeFileSync(odd, 'x');
  const { report } = await reapOnce(here, ['--low', '99%', '--target', '99%'], { laterMs: 80 * HOUR });
  assert.deepEqual(
    report.swept.map(({ path }) => path),
    [long],
  );
  assert.deepEqual(
    report.failed.map(({ path, hint }) => [path, hint]),
    [[join(tmpdir, 'odd\ufffd'), '']],
  );
  assert.ok(existsSync(odd) && !existsSync(long));
  assert.deepEqual(told(here), [], 'it is no fault of its session, which lives');
});
