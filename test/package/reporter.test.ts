// What `npm test` prints: dots for a person, a line each in CI, and the same after that.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { repoRoot } from '../helpers/paths.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const SUITE = `import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
test('good', (t) => t.diagnostic('pass by'));
test('in need', { skip: 'needs root' }, () => {});
describe('a table', () => {
  test('its first row', () => {});
  test('its second row', () => assert.deepEqual([1, 'two'], [1, 2]));
});`;
const COUNTS = [
  '# tests 5',
  '# suites 1',
  '# pass 2',
  '# fail 2',
  '# cancelled 0',
  '# skipped 1',
  '# todo 0',
];

test('a person reads dots, then what failed and why, what was skipped, and the counts that CI reads', async (t) => {
  const here = scene(t);
  const good = put(join(here.box.dir, 'a.test.mjs'), SUITE);
  const broken = put(join(here.box.dir, 'b.test.mjs'), `import './not-there.mjs';`);
  const said = async (CI: string) => {
    const args = [`--test-reporter=${join(repoRoot, '.build/reporter.js')}`, good, broken];
    const { code, stdout } = await run('--test', args, {
      ...here.options,
      env: { ...here.options.env, CI },
    });
    assert.equal(code, 1);
    const lines = stdout.trimEnd().split('\n');
    assert.deepEqual(lines.slice(-8, -1), COUNTS);
    assert.match(lines.at(-1) ?? '', /^# duration_ms \d/);
    return stdout;
  };
  const short = await said('');
  assert.match(short, /^\.\.XX\n\nfailed: a table > its second row \(.*a\.test\.mjs:\d+\)\n/);
  assert.match(short, /^ *\+ +'two'$/m);
  assert.match(short, /^failed: .*b\.test\.mjs[\s\S]*Cannot find module .*not-there/m);
  assert.match(short, /\n1 skipped: needs root\n# tests 5\n/);
  assert.ok(!short.includes('good') && !short.includes('its first row'));
  const parts = (text: string) => text.replace(/duration_ms .*/, '').split('\n\n');
  const [lines = '', ...rest] = parts(await said('true'));
  assert.match(lines, /^\. +\d+ ms good\n\. +\d+ ms in need\nX +\d+ ms a table\nX +\d+ ms .*b\.test\.mjs$/);
  assert.deepEqual(rest, parts(short).slice(1));
});

test('of a file that takes too long: what ran in it', async (t) => {
  const here = scene(t);
  const stuck = put(
    join(here.box.dir, 'a.test.mjs'),
    `import { test } from 'node:test';
     test('good', () => {});
     test('stuck', () => new Promise(() => setInterval(() => {}, 1000)));`,
  );
  const args = [`--test-reporter=${join(repoRoot, '.build/reporter.js')}`, '--test-timeout=10000', stuck];
  const { code, stdout } = await run('--test', args, here.options);
  assert.equal(code, 1);
  assert.match(stdout, /^failed: .*a\.test\.mjs[\s\S]*timed out[\s\S]*^ {2}it had not ended: stuck$/m);
});
