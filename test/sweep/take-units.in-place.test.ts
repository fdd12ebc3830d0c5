// Where not even a rename has space, a unit is removed where it is. Whoever may write on the way there swaps a directory for a link
// meanwhile: what lies behind the link stays.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, renameSync, symlinkSync, unlinkSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { takeUnits } from '#src/sweep/take-units.js';
import { HOUR, picture, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const UNIT = 'project/unit';

/** A unit two hours old, below a root that has no space for a rename; and a directory elsewhere with one of the same name. */
function full(t: TestContext) {
  const { dir, root } = sandbox(t);
  const agents = join(root, 'abcd1234/tmp/claude-1000');
  const unit = dirname(put(join(agents, UNIT, 'file')));
  const elsewhere = join(dir, 'elsewhere');
  for (const name of ['file', 'precious']) put(join(elsewhere, UNIT, name));
  const before = picture(elsewhere);
  const now = Date.now;
  t.mock.method(Date, 'now', () => now() + 2 * HOUR);
  const refused = t.mock.method(fs, 'renameSync', () => {
    throw Object.assign(new Error('quota'), { code: 'EDQUOT' });
  });
  return {
    ...{ root, unit, refused },
    swap: () => {
      renameSync(agents, join(dir, 'away'));
      symlinkSync(elsewhere, agents);
    },
    away: join(dir, 'away', UNIT),
    nothingElsewhere: () => {
      assert.ok(existsSync(join(unit, 'precious')), 'a path alone leads there');
      assert.deepEqual(picture(elsewhere), before);
    },
    sweep: async () => {
      const one = { path: unit, reason: 'stale', bytes: 0, entries: 1 };
      const { swept, failed } = await takeUnits([one], { base: root, maxAgeMs: HOUR });
      return { swept: swept.map(({ path }) => path), failed };
    },
  };
}

const notLinux = process.platform !== 'linux' && 'left there elsewhere';
const isRoot = process.getuid?.() === 0 && 'root may write everywhere';

test('it goes, with what is read-only in it', { skip: notLinux }, async (t) => {
  const { unit, refused, sweep } = full(t);
  chmodSync(dirname(put(join(unit, 'a/b'))), 0o555);
  assert.deepEqual(await sweep(), { swept: [unit], failed: [] });
  assert.ok(refused.mock.callCount() > 0);
  assert.equal(existsSync(unit), false);
});

test('what was used meanwhile stays', { skip: notLinux }, async (t) => {
  const { unit, refused, sweep } = full(t);
  refused.mock.mockImplementation(() => {
    utimesSync(join(unit, 'file'), Date.now() / 1_000, 0);
    throw Object.assign(new Error('quota'), { code: 'EDQUOT' });
  });
  assert.deepEqual(await sweep(), { swept: [], failed: [] });
  assert.ok(existsSync(join(unit, 'file')));
});

test('nothing behind a link that took the place of a directory after the refusal', {
  skip: notLinux,
}, async (t) => {
  const { refused, swap, nothingElsewhere, away, sweep } = full(t);
  refused.mock.mockImplementationOnce(() => {
    swap();
    throw Object.assign(new Error('quota'), { code: 'EDQUOT' });
  });
  assert.deepEqual(await sweep(), { swept: [], failed: [] });
  nothingElsewhere();
  assert.ok(existsSync(join(away, 'file')), 'nobody saw who uses it there');
});

test('nor behind one that did after the second look', { skip: notLinux }, async (t) => {
  const { unit, swap, nothingElsewhere, away, sweep } = full(t);
  const { unlinkSync: unlink } = fs;
  const { mock } = t.mock.method(fs, 'unlinkSync', (path: string) => {
    mock.restore();
    swap();
    unlink(path);
  });
  assert.deepEqual(await sweep(), { swept: [unit], failed: [] });
  nothingElsewhere();
  assert.equal(existsSync(away), false, 'what was looked at went');
});

test('what cannot be removed is told, with its path', { skip: notLinux || isRoot }, async (t) => {
  const { unit, sweep } = full(t);
  chmodSync(dirname(unit), 0o555);
  const { swept, failed } = await sweep();
  chmodSync(dirname(unit), 0o755);
  assert.deepEqual(swept, []);
  assert.equal(failed.length, 1);
  assert.equal(failed[0]?.path, unit);
  assert.match(failed[0]?.reason ?? '', /EACCES/);
  assert.equal(failed[0]?.hint, `sudo rm -rf ${unit}`);
});

test('a link in it goes, not what it leads to', { skip: notLinux }, async (t) => {
  const { root, unit, sweep } = full(t);
  const kept = put(join(root, 'kept/file'));
  unlinkSync(join(unit, 'file'));
  mkdirSync(join(unit, 'in'));
  symlinkSync(dirname(kept), join(unit, 'in/link'));
  assert.deepEqual(await sweep(), { swept: [unit], failed: [] });
  assert.ok(existsSync(kept));
});
