// What a reaper moved aside in a temp directory and died over goes in a later pass, wherever a unit can be: also next to the last one.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { profileNamed } from '#src/backends/profiles.js';
import { fs } from '#src/fs.js';
import { sweepLegacy } from '#src/sweep/sweep.js';
import { UNIT_CLAIM } from '#src/take/claim.js';
import { deadClaim } from '../helpers/claims.js';
import { HOUR, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const CLAUDE = `claude-${process.getuid?.()}`;
const aside = (name: string) => join(UNIT_CLAIM + deadClaim(), name);
/** Two hours pass. */
function later(t: TestContext): void {
  const now = Date.now;
  t.mock.method(Date, 'now', () => now() + 2 * HOUR);
}
const sweep = (dir: string, isDryRun = false) =>
  sweepLegacy(profileNamed('claude').legacy, { legacyDirs: [dir], maxAgeMs: HOUR, isDryRun });

for (const [what, place] of [
  ['a project without any other unit', `${CLAUDE}/project`],
  ["the agent's directory", CLAUDE],
  ['the temp directory', '.'],
] as const)
  test(`it goes from ${what}`, async (t) => {
    const { dir } = sandbox(t);
    const left = dirname(put(join(dir, place, aside('unit'), 'file')));
    later(t);
    const told = await sweep(dir, true);
    assert.ok(existsSync(left), 'a dry run changes nothing');
    const { swept, failed } = await sweep(dir);
    assert.deepEqual([swept.map(({ path }) => path), failed], [[join(dir, place, 'unit')], []]);
    assert.deepEqual(
      told.swept.map(({ path }) => path),
      [dirname(left)],
    );
    assert.deepEqual(
      [existsSync(dirname(left)), existsSync(join(dir, place))],
      [false, true],
      'parents stay',
    );
  });

for (const [what, place] of [
  ['used meanwhile', `${CLAUDE}/project`],
  ['in the temp directory', '.'],
] as const)
  test(`what is young goes back: ${what}`, async (t) => {
    const { dir } = sandbox(t);
    const left = dirname(put(join(dir, place, aside('unit'), 'file')));
    assert.deepEqual(await sweep(dir), { swept: [], failed: [] });
    assert.ok(existsSync(join(dir, place, 'unit/file')));
    assert.equal(existsSync(dirname(left)), false);
  });

test('nothing goes from deeper, from what is of no agent, or through a link', async (t) => {
  const { dir } = sandbox(t);
  const name = aside('unit');
  const kept = [`${CLAUDE}/project/other/${name}`, `mine/project/${name}`, `elsewhere/${name}`].map((path) =>
    put(join(dir, path, 'file')),
  );
  mkdirSync(join(dir, CLAUDE), { recursive: true });
  symlinkSync(join(dir, 'elsewhere'), join(dir, CLAUDE, 'link'));
  assert.deepEqual(await sweep(dir), { swept: [], failed: [] });
  for (const path of kept) assert.ok(existsSync(path), path);
});

test('what has a name of 255 bytes that is no UTF-8 stays, and is named each time', async (t) => {
  const { dir } = sandbox(t);
  put(join(dir, aside('unit'), 'file'));
  const [shelf = ''] = readdirSync(dir);
  writeFileSync(Buffer.concat([Buffer.from(join(dir, shelf, '/')), Buffer.alloc(255, 0xff)]), '');
  later(t);
  for (const goes of [['unit'], []]) {
    const { swept, failed } = await sweep(dir);
    assert.deepEqual([swept.map(({ path }) => path), failed.length], [goes.map((it) => join(dir, it)), 1]);
    assert.match(failed[0]?.reason ?? '', /^its name is not UTF-8/);
    const left = readdirSync(dir).flatMap((name) =>
      readdirSync(join(dir, name)).map((it) => join(dir, name, it)),
    );
    assert.deepEqual([left.map((path) => basename(path)), left], [['\ufffd'.repeat(255)], [failed[0]?.path]]);
  }
});

test('what cannot be opened stays as it is, and goes in the next pass', async (t) => {
  const { dir } = sandbox(t);
  put(join(dir, aside('unit'), 'file'));
  later(t);
  const { openSync } = fs;
  const { mock } = t.mock.method(fs, 'openSync', (path: string, flags: number) => {
    if (basename(path).startsWith(UNIT_CLAIM)) throw Object.assign(new Error(path), { code: 'EMFILE' });
    return openSync(path, flags);
  });
  assert.deepEqual(await sweep(dir), { swept: [], failed: [] });
  mock.restore();
  assert.deepEqual(
    (await sweep(dir)).swept.map(({ path }) => path),
    [join(dir, 'unit')],
  );
});
