// The end report says what took most of TMPDIR: by what removing it frees, in bounded time, whatever is in there.
import assert from 'node:assert/strict';
import { linkSync, lstatSync, mkdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { largest } from '#src/tree/largest.js';
import { opened } from '../helpers/opened.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const kib = (path: string, size: number) => put(path, 'x'.repeat(size * 1024));
const allocated = (path: string) => lstatSync(path).blocks * 512;

describe('what was largest in TMPDIR', () => {
  test('in the report of a session: files, and directories by all that is in them', async (t) => {
    t.mock.method(process, 'uptime', () => 0); // 50 ms are enough for a few files, unless we have to wait for a processor
    const here = scene(t);
    const session = await opened(t, here);
    const at = (name: string) => join(session.tmpdir, name);
    const deep = kib(at('claude-1000/project/out put\n'), 900);
    for (let file = 0; file < 8; file += 1) kib(at(`cache/${file}`), 64);
    kib(at('flat'), 400);
    kib(at('fourth'), 100);
    truncateSync(put(at('hole')), 2 ** 30);
    linkSync(kib(join(here.box.cwd, 'elsewhere'), 2_000), at('other name'));
    symlinkSync(here.box.cwd, at('link'));
    const bytes = [allocated(deep), allocated(at('flat'))];
    const { state, largest: most } = await session.end();
    assert.equal(state, 'removed');
    assert.deepEqual(
      most.map(({ path, isPartial }) => [path, isPartial]),
      [
        ['claude-1000/project/out put\n', false],
        ['cache', false],
        ['flat', false],
      ],
    );
    assert.deepEqual([most[0]?.bytes, most[2]?.bytes], bytes);
    assert.ok((most[1]?.bytes ?? 0) >= 8 * 64 * 1024);
  });

  test('nothing where nothing is, or a link is in its place', async (t) => {
    const here = scene(t);
    const session = await opened(t, here);
    assert.deepEqual((await session.end()).largest, []);
    kib(join(here.box.cwd, 'mine'), 64);
    const other = await opened(t, here);
    rmSync(other.tmpdir, { recursive: true });
    symlinkSync(here.box.cwd, other.tmpdir);
    assert.deepEqual((await other.end()).largest, []);
  });

  test('when time runs out, what was seen is told as a part', async (t) => {
    const { box } = scene(t);
    for (let file = 0; file < 200; file += 1) kib(join(box.cwd, `wide/${file}`), 4);
    mkdirSync(join(box.cwd, 'deep'));
    kib(join(box.cwd, 'deep/big'), 4_000);
    kib(join(box.cwd, 'top'), 300);
    const whole = await largest(box.cwd, { withinMs: 60_000 });
    assert.deepEqual(
      whole.map(({ path, isPartial }) => [path, isPartial]),
      [
        ['deep/big', false],
        ['wide', false],
        ['top', false],
      ],
    );
    const [first, ...others] = await largest(box.cwd, { withinMs: 0 });
    assert.deepEqual([first?.path, first?.isPartial], ['top', false]);
    for (const { path, bytes, isPartial } of others)
      assert.deepEqual([bytes < 100_000, isPartial], [true, true], path);
    const [piece] = await largest(box.dir, { withinMs: 0, limit: 1 });
    assert.ok(['w', 'home'].includes(piece?.path ?? '') && piece?.isPartial, JSON.stringify(piece));
  });
});
