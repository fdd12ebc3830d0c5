// What a reaper moved aside in a temp directory and died over goes in a later pass, wherever a unit can be: also next to the last one.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { profileNamed } from '#src/backends/profiles.js';
import { sweepLegacy } from '#src/reap/legacy.js';
import { deadOwner, HOUR, put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const CLAUDE = `claude-${process.getuid?.()}`;
const aside = (name: string) => `.qw-trash.${name}.${deadOwner().pid}-1-abcdefgh`;
const sweep = (dir: string, isDryRun = false) =>
  sweepLegacy([profileNamed('claude')], { legacyDirs: [dir], maxAgeMs: HOUR, isDryRun });

for (const [what, place] of [
  ['a project without any other unit', `${CLAUDE}/project`],
  ["the agent's directory", CLAUDE],
  ['the temp directory', '.'],
] as const)
  test(`it goes from ${what}`, async (t) => {
    const { dir } = sandbox(t);
    const left = dirname(put(join(dir, place, aside('unit'), 'file')));
    await sweep(dir, true);
    assert.ok(existsSync(left), 'a dry run changes nothing');
    assert.deepEqual(await sweep(dir), { swept: [], failed: [] });
    assert.deepEqual([existsSync(left), existsSync(dirname(left))], [false, true], 'parents stay');
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
