// Staleness by the times of files, on file systems that record reading in different ways. Our own looking,
// hour after hour for days, must neither keep anything fresh nor move a file's time; somebody's reading
// must.
import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { fixture } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { kill } from '../helpers/processes.js';
import { forge, HOUR, leaseOf, openWith, put, realm, reapOnce } from '../helpers/reaping.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPrivateMounts(import.meta.url);
const UUID = '0b9d3c1e-5a7f-4c2b-9e8d-1f2a3b4c5d6e';
const READ_UUID = UUID.replace('0', '1');
const LONG_AGO = 1_000_000_000;
const AGENT = 'echo "ready $$ "; exec sleep 600';

/** Atime of every file that agents made; directories change theirs when they are listed, and that must not matter. */
function atimes(dir: string): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !['lease.json', 'full', '.qw-root'].includes(entry.name),
  );
  return files
    .map(({ parentPath, name }) => `${join(parentPath, name)} ${lstatSync(join(parentPath, name)).atimeMs}`)
    .sort();
}

/** A file last read in so many hours, where that can be said now. */
const readIn = (path: string, hours: number): void =>
  utimesSync(put(path), hours > 0 ? (Date.now() + hours * HOUR) / 1_000 : LONG_AGO, LONG_AGO);

describe('pass after pass', { concurrency: 3 }, () => {
  // On relatime what was read may have been read for a day more.
  for (const [how, every, moreHours] of [
    ['relatime', 6, 24],
    ['noatime', 6, 0],
    ['strictatime', 1, 0],
  ] as const) {
    test(`on ${how}: stale after max age, counted from when others may have read last`, {
      skip,
    }, async (t) => {
      const here = mountScene(t);
      const { box } = here;
      mkdirSync(box.root);
      mount('-t', 'tmpfs', '-o', `${how},mode=700`, 'tmpfs', box.root);
      const { wrapper, agent, id, tmpdir } = await openWith(here, ['--backend', 'claude'], AGENT);
      readIn(join(tmpdir, 'claude-0/p', UUID, 'tasks/b1.output'), 0);
      readIn(join(tmpdir, 'claude-0/p', READ_UUID, 'deep/down/file'), 10);
      mkdirSync(join(tmpdir, 'claude-empty-aaaaaa'));
      const owner = { ...realm(), bootId: 'another', host: 'elsewhere', pid: 1, startTime: 1, uid: 0 };
      const elsewhere = leaseOf('foreign0', { owner });
      const forged: [id: string, hours: number, lease?: Record<string, unknown>][] = [
        ['nolease0', 0],
        ['nolease1', 10],
        ['foreign0', 0, elsewhere],
        ['foreign1', 10, { ...elsewhere, id: 'foreign1' }],
      ];
      for (const [name, hours, lease] of forged) {
        forge(box, name, { files: ['old'], ...(lease ? { lease } : {}) });
        readIn(join(box.root, name, 'tmp/a/b/read'), hours);
      }
      const before = atimes(box.root);

      const days = await run(fixture('reap-for-days.mjs'), ['0', '71', `${every}`], here.options);
      assert.deepEqual(JSON.parse(days.stdout || days.stderr), {});
      assert.deepEqual(atimes(box.root), before);

      const later = await run(fixture('reap-for-days.mjs'), ['72', '108', '1'], here.options);
      const gone = Object.entries<string[]>(JSON.parse(later.stdout || later.stderr));
      const between = (from: number, to: number) =>
        gone.flatMap(([hour, names]) => (from <= Number(hour) && Number(hour) <= to ? names : [])).sort();
      assert.deepEqual(between(0, 200).length, 7, later.stdout);
      assert.deepEqual(between(72, 73), [UUID, 'claude-empty-aaaaaa', 'foreign0', 'nolease0']);
      assert.deepEqual(between(82 + moreHours, 83 + moreHours), [READ_UUID, 'foreign1', 'nolease1']);
      assert.deepEqual(box.left(), [id]);
      kill(agent, 'SIGTERM');
      assert.equal((await wrapper.done).code, null);
      await here.nothingLeftSoon();
    });
  }
});

/** Reads, once the clock of the file system has gone on since the file was touched. */
async function read(path: string): Promise<void> {
  const { atimeMs, mtimeMs, ctimeMs } = lstatSync(path);
  const probe = put(`${path}.clock`);
  await waitUntil('the clock has gone on', () => {
    utimesSync(probe, 0, 0);
    return lstatSync(probe).ctimeMs > Math.max(atimeMs, mtimeMs, ctimeMs);
  });
  readFileSync(path);
}

/**
 * How many hours later pressure takes each: a file that was read a moment after it was written and again since,
 * and one that nobody has read. No process holds either.
 */
const PRESSURE: [how: string, isNoted: [boolean, boolean], goesAfter: { read: number; unread: number }][] = [
  ['relatime', [true, false], { read: 25, unread: 1 }],
  ['strictatime', [true, true], { read: 1, unread: 1 }],
  ['noatime', [false, false], { read: 24, unread: 24 }],
];
for (const [how, isNoted, goesAfter] of PRESSURE)
  test(`under pressure on ${how}: nothing goes that may have been read within the hour`, {
    skip,
  }, async (t) => {
    const here = mountScene(t);
    const { box } = here;
    mkdirSync(box.root);
    mount('-t', 'tmpfs', '-o', `${how},mode=700,size=10m`, 'tmpfs', box.root);
    const { wrapper, agent, tmpdir } = await openWith(here, ['--backend', 'claude'], AGENT);
    const paths = { read: put(join(tmpdir, 'read')), unread: put(join(tmpdir, 'unread')) };
    const noted: boolean[] = [];
    for (let time = 0; time < 2; time += 1) {
      const { atimeMs } = lstatSync(paths.read);
      await read(paths.read);
      noted.push(lstatSync(paths.read).atimeMs > atimeMs);
    }
    assert.deepEqual(noted, isNoted, 'what the documents say of this mount option');
    const names = (hours: number) => Object.entries(goesAfter).filter(([, after]) => after <= hours);
    for (const hours of [0.5, 1.5, 23.5, 24.5, 26]) {
      const { report } = await reapOnce(here, ['--low', '100%', '--dry-run'], { laterMs: hours * HOUR });
      const swept = report.swept.map(({ path }) => path).filter((path) => !path.endsWith('.clock'));
      assert.deepEqual(
        swept.sort(),
        names(hours).map(([name]) => join(tmpdir, name)),
        `after ${hours} h`,
      );
    }
    await reapOnce(here, ['--low', '100%'], { laterMs: 26 * HOUR });
    assert.deepEqual(Object.values(paths).map(existsSync), [false, false]);
    kill(agent, 'SIGTERM');
    assert.equal((await wrapper.done).code, null);
    await here.nothingLeftSoon();
  });
