// How old a session is: by when any file in it was used at the latest. What directories say does not count, so that no
// reader of them, the reaper included, keeps anything young.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwTmp } from '../helpers/paths.js';
import { forge, HOUR, leaseOf, put, realm, reapOnce, shifted } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const ID = 'abcd1234';
const AT_73H = { laterMs: 73 * HOUR };
const seconds = (hoursFromNow: number) => Date.now() / 1000 + hoursFromNow * 3600;

/** What one pass made of the session: its state, or `removed`. */
async function fate(here: Scene, args: string[] = [], shift = AT_73H): Promise<string | undefined> {
  const { report, ids } = await reapOnce(here, args, shift);
  assert.deepEqual(report.failed, []);
  return ids.includes(ID) ? 'removed' : report.kept.find(({ id }) => id === ID)?.state;
}

describe('one time of one file, newer than max age, keeps the session:', { concurrency: 2 }, () => {
  const table: [what: string, atime: number, mtime: number][] = [
    ['its atime', 72, -1],
    ['its mtime', -1, 72],
  ];
  for (const [what, atime, mtime] of table) {
    test(what, async (t) => {
      const here = scene(t);
      const { tmpdir } = forge(here.box, ID, { files: ['a', 'b/c', 'b/d/e'] });
      assert.equal(await fate(here, ['--dry-run']), 'removed');
      utimesSync(join(tmpdir, 'b/c'), seconds(atime), seconds(mtime));
      assert.equal(await fate(here), 'unknown');
      utimesSync(join(tmpdir, 'b/c'), seconds(-1), seconds(-1));
      assert.equal(await fate(here), 'removed');
      here.nothingLeft();
    });
  }

  test('its ctime, though the others are years old', async (t) => {
    const here = scene(t);
    const { tmpdir } = forge(here.box, ID);
    utimesSync(join(tmpdir, 'some/file'), 1, 1);
    assert.equal(await fate(here, [], { laterMs: 71 * HOUR }), 'unknown');
    assert.equal(await fate(here), 'removed');
  });
});

test('a single fresh file deep in a big old tree keeps all of it', async (t) => {
  const here = scene(t);
  const deep = Array.from({ length: 200 }, (_, level) => `d${level}`).join('/');
  const files = Array.from({ length: 300 }, (_, number) => `dir${number % 20}/${number}`);
  const { tmpdir } = forge(here.box, ID, { files: [...files, `${deep}/fresh`] });
  utimesSync(join(tmpdir, deep, 'fresh'), seconds(72), seconds(72));
  assert.equal(await fate(here), 'unknown');
  for (const file of files) assert.equal(readFileSync(join(tmpdir, file), 'utf8'), 'content');
  utimesSync(join(tmpdir, deep, 'fresh'), seconds(-1), seconds(-1));
  // These files were read by this test, and on relatime that may have gone on for a day.
  assert.equal(await fate(here, [], { laterMs: 97 * HOUR }), 'removed');
  here.nothingLeft();
});

test('a fresh link counts as a fresh file; where it leads does not', async (t) => {
  const here = scene(t);
  const { tmpdir } = forge(here.box, ID, { files: ['old'] });
  const fresh = put(join(here.box.dir, 'outside/fresh'));
  utimesSync(fresh, seconds(72), seconds(72));
  symlinkSync(fresh, join(tmpdir, 'link'));
  symlinkSync(join(here.box.dir, 'outside'), join(tmpdir, 'link-to-directory'));
  assert.equal(await fate(here, [], { laterMs: 71 * HOUR }), 'unknown');
  assert.equal(await fate(here), 'removed');
  assert.equal(readFileSync(fresh, 'utf8'), 'content');
});

test('directories may be as fresh as they like', async (t) => {
  const here = scene(t);
  const { tmpdir } = forge(here.box, ID, { files: ['a/b/file'] });
  mkdirSync(join(tmpdir, 'empty'));
  for (const dir of ['', 'a', 'a/b', 'empty']) utimesSync(join(tmpdir, dir), seconds(72), seconds(72));
  assert.equal(await fate(here), 'removed');
  here.nothingLeft();
});

test('a session without any file is as old as its directory', async (t) => {
  const here = scene(t);
  forge(here.box, ID, { files: [] });
  assert.equal(await fate(here, [], { laterMs: 71 * HOUR }), 'unknown');
  assert.equal(await fate(here), 'removed');
});

test('three days of scans by the reaper and by others keep nothing fresh', async (t) => {
  const here = scene(t);
  const { tmpdir } = forge(here.box, ID, { files: ['a', 'b/c', 'claude-0/x/y'] });
  const foreign = leaseOf('elsewher', {
    owner: { pid: 1, startTime: 1, ...realm(), host: 'far', bootId: 'far', uid: process.getuid?.() ?? 0 },
  });
  forge(here.box, 'elsewher', { lease: foreign });
  const times = () => ['a', 'b/c'].map((file) => statSync(join(tmpdir, file)).atimeMs);
  for (const file of ['a', 'b/c']) utimesSync(join(tmpdir, file), seconds(-2), seconds(-1)); // relatime would move this one
  const before = times();
  for (let hour = 12; hour < 72; hour += 12) {
    const shift = { laterMs: hour * HOUR };
    const { report, ids } = await reapOnce(here, hour % 24 === 0 ? ['--dry-run'] : [], shift);
    assert.deepEqual([ids, report.kept.map(({ state }) => state).sort()], [[], ['foreign', 'unknown']]);
    await run(qwTmp, ['list', '--json'], {
      ...here.options,
      env: { ...here.options.env, ...shifted(shift) },
    });
    // What reading it at that hour does to a directory: the clock of the file system is not the shifted one.
    for (const dir of ['', 'b', 'claude-0', 'claude-0/x'])
      utimesSync(join(tmpdir, dir), seconds(hour), statSync(join(tmpdir, dir)).mtimeMs / 1000);
  }
  assert.deepEqual(times(), before, 'no file was opened for reading');
  const { ids } = await reapOnce(here, [], AT_73H);
  assert.deepEqual(ids, ['abcd1234', 'elsewher']);
  here.nothingLeft();
});

test('max age is what the option says, but never below one hour', async (t) => {
  const here = scene(t);
  forge(here.box, ID);
  // The minutes are for a machine on which so many passes take long.
  for (const maxAge of ['0', '1ms', '44m', '1h'])
    assert.equal(await fate(here, ['--max-age', maxAge], { laterMs: 0.75 * HOUR }), 'unknown', maxAge);
  assert.equal(await fate(here, ['--max-age', '3d'], { laterMs: 71 * HOUR }), 'unknown');
  assert.equal(await fate(here, ['--max-age', '200h'], AT_73H), 'unknown');
  assert.equal(await fate(here, ['--max-age', '1h'], { laterMs: HOUR + 60_000 }), 'removed');
});

describe('a time in the future that was only set proves no life', { concurrency: 2 }, () => {
  test('of a lease', async (t) => {
    const here = scene(t);
    const owner = { pid: 1, startTime: 1, ...realm(), pidNamespace: '1', uid: process.getuid?.() };
    const { dir } = forge(here.box, ID, { lease: leaseOf(ID, { owner }) });
    utimesSync(join(dir, 'lease.json'), seconds(1_000), seconds(1_000));
    assert.equal(await fate(here, [], { laterMs: 71 * HOUR }), 'foreign');
    assert.equal(await fate(here), 'removed');
  });

  test('of a session directory without one', async (t) => {
    const here = scene(t);
    const { dir } = forge(here.box, ID);
    utimesSync(dir, seconds(1_000), seconds(1_000));
    assert.equal(await fate(here, [], { laterMs: 71 * HOUR }), 'unknown');
    assert.equal(await fate(here), 'removed');
  });
});
