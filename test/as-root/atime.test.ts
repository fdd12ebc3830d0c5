// Staleness by the times of files, on file systems that record reading in different ways. Our own looking, hour after
// hour for days, must neither keep anything fresh nor move a file's time; somebody's reading must.
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { fixture } from '../helpers/paths.js';
import { inPrivateMounts, mount, mountScene } from '../helpers/private-mounts.js';
import { kill } from '../helpers/processes.js';
import { forge, HOUR, leaseOf, openWith, put, realm } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url);
const UUID = '0b9d3c1e-5a7f-4c2b-9e8d-1f2a3b4c5d6e';
const READ_UUID = UUID.replace('0', '1');
const LONG_AGO = 1_000_000_000;
const AGENT = 'echo "ready $$ "; exec sleep 600';

/** Atime of every file that agents made; directories change theirs when they are listed, and that must not matter. */
function atimes(dir: string): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !['lease.json', '.qw-root'].includes(entry.name),
  );
  return files
    .map(({ parentPath, name }) => `${join(parentPath, name)} ${lstatSync(join(parentPath, name)).atimeMs}`)
    .sort();
}

/** A file last read in so many hours, where that can be said now. */
const readIn = (path: string, hours: number): void =>
  utimesSync(put(path), hours > 0 ? (Date.now() + hours * HOUR) / 1_000 : LONG_AGO, LONG_AGO);

describe('pass after pass', { concurrency: 3 }, () => {
  for (const [how, every] of [
    ['relatime', 6],
    ['noatime', 6],
    ['strictatime', 1],
  ] as const) {
    test(`on ${how}: stale after max age, counted from the last reading by others`, { skip }, async (t) => {
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

      const later = await run(fixture('reap-for-days.mjs'), ['72', '84', '1'], here.options);
      const gone = Object.entries<string[]>(JSON.parse(later.stdout || later.stderr));
      const between = (from: number, to: number) =>
        gone.flatMap(([hour, names]) => (from <= Number(hour) && Number(hour) <= to ? names : [])).sort();
      assert.deepEqual(between(0, 100).length, 7, later.stdout);
      assert.deepEqual(between(72, 73), [UUID, 'claude-empty-aaaaaa', 'foreign0', 'nolease0']);
      assert.deepEqual(between(82, 83), [READ_UUID, 'foreign1', 'nolease1']);
      assert.deepEqual(box.left(), [id]);
      kill(agent, 'SIGTERM');
      assert.equal((await wrapper.done).code, null);
      await here.nothingLeftSoon();
    });
  }
});
