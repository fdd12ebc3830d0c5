// What the bundles carry: a wrapper starts with every session, and what V8 reads at a start is most of what that takes. What the
// library loads with it, and that others may bundle it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

/** Files of ours, as the bundler names them. */
function carriedBy(bundle: string): string[] {
  const names = readFileSync(join(dirname(qwRun), bundle), 'utf8').matchAll(/^\/\/ src\/(\S+)\.ts$/gm);
  return [...new Set([...names].map(([, file]) => file as string))];
}

test('the wrapper does not carry the reaper: a child does its passes', () => {
  assert.ok(carriedBy('qw-watchdog.cjs').includes('reap/reap-now'));
  const carried = carriedBy('qw-run-main.cjs');
  assert.ok(carried.length > 50);
  assert.ok(carried.includes('reap/start-pass'));
  assert.deepEqual(
    carried.filter((file) => /^(doctor|helper|judge|sweep)\/|^reap\/.*(reap-now|pass|evict)/.test(file)),
    ['reap/start-pass'],
  );
});

test('loading the library loads nothing of Node that only sessions need', () => {
  const script = `const before = new Set(process.moduleLoadList); require('qw-run');
    console.log(JSON.stringify(process.moduleLoadList.filter((name) => !before.has(name))))`;
  const said = execFileSync(process.execPath, ['-e', script], { cwd: repoRoot, encoding: 'utf8' });
  const loaded: string[] = JSON.parse(said);
  assert.ok(loaded.includes('NativeModule timers/promises'), said);
  assert.deepEqual(
    loaded.filter((name) => /^NativeModule (child_process|net|crypto|stream|worker_threads)$/.test(name)),
    [],
  );
});

test('qw-tmp loads nothing of Node that it does not need: net takes a fifth of a start', (t) => {
  const { options, box } = scene(t);
  const hook = put(
    join(box.dir, 'loaded.cjs'),
    `process.on('exit', () => require('node:fs').writeSync(2, process.moduleLoadList.join()));`,
  );
  for (const args of [['--help'], ['log'], ['list']]) {
    const { stderr, status } = spawnSync(process.execPath, ['--require', hook, qwTmp, ...args], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /NativeModule vm,/);
    assert.doesNotMatch(stderr, /NativeModule (child_process|net|crypto|stream|tty)\b/, args[0]);
  }
});

const USE = 'openSession().then((session) => session.end()).then(({ state }) => console.log(state))';
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire('/');";
for (const [format, server, banner] of [
  ['cjs', `const { openSession } = require('qw-run'); ${USE}`, ''],
  ['esm', `import { openSession } from 'qw-run'; ${USE}`, REQUIRE],
] as const) {
  test(`a server that bundles it (${format}) has sessions all the same, without our programs`, (t) => {
    const { box, options, nothingLeft } = scene(t);
    const file = join(box.dir, format === 'cjs' ? 'server.cjs' : 'server.mjs');
    const what = [
      '--bundle',
      '--platform=node',
      `--format=${format}`,
      `--banner:js=${banner}`,
      `--outfile=${file}`,
    ];
    const esbuild = join(repoRoot, 'node_modules/.bin/esbuild');
    execFileSync(esbuild, [...what, '--log-level=error'], { cwd: repoRoot, input: server });
    const { stdout, stderr } = spawnSync(process.execPath, [file], { ...options, encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], ['removed\n', '']);
    nothingLeft();
  });
}
