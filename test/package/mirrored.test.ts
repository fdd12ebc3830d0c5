// Tests mirror src: `src/take/claim.ts` is tried in `test/take/claim.test.ts`, a further side of it in
// `test/take/claim.<side>.test.ts`. Who reads a file finds its tests by name, and the other way round.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { halfOf } from '../halves.js';
import { repoRoot } from '../helpers/paths.js';

/** Rooms that mirror no room of src, and why. */
const ROOMS: Record<string, string> = {
  'as-root': 'what only root can set up: mounts, quotas, other users',
  campaigns: 'long tries of everything at once, each in a room of its own',
  docs: 'mirrors docs',
  examples: 'mirrors examples',
  installed: 'what needs a program or a package that CI installs',
  nesting: 'sessions inside sessions',
  package: 'what holds for all files, and what is published',
  'signals-and-exits': 'how qw-run ends, whatever ends',
  'terminals-and-pipes': 'what an agent and its user see of us in a terminal or a pipe: nothing',
  'who-belongs': 'who is ended with a session and who never is, by stand-ins of programs',
};
const CAMPAIGNS = ['agents', 'bench', 'browser', 'conformance', 'model', 'simulation', 'soak', 'stress'];
const tests = readdirSync(join(repoRoot, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .sort();
const roomOf = (file: string): string => file.split('/')[0] ?? '';
const isThere = (path: string): boolean => existsSync(join(repoRoot, path));

test('every test bears the name of a file of src, or lies in a room that says why not', () => {
  const sourceOf = (file: string) => join('src', dirname(file), basename(file).replace(/\..*$/, ''));
  const lost = tests.filter(
    (file) =>
      !(roomOf(file) in ROOMS) && !isThere(`${sourceOf(file)}.ts`) && !isThere(`${sourceOf(file)}.sh`),
  );
  assert.deepEqual(lost, []);
});

test('no room of its own beside a room of src, and none that is empty', () => {
  for (const room of Object.keys(ROOMS)) {
    assert.ok(!isThere(join('src', room)), room);
    assert.ok(
      tests.some((file) => roomOf(file) === room),
      room,
    );
  }
});

test('each campaign has its room', () => {
  assert.deepEqual(readdirSync(join(repoRoot, 'test/campaigns')).sort(), CAMPAIGNS);
});

test('npm test leaves six rooms to CI, as halves.ts says', () => {
  const later = new Set(tests.filter((file) => halfOf(file) !== 'npm test').map(roomOf));
  assert.deepEqual([...later].sort(), ['as-root', 'campaigns', 'examples', 'exec', 'installed', 'isolate']);
  assert.deepEqual(
    tests.filter((file) => later.has(roomOf(file)) && halfOf(file) === 'npm test'),
    [],
  );
});

test('every helper says in its first line what it is for, and has a user', () => {
  const dir = join(repoRoot, 'test/helpers');
  const texts = readdirSync(join(repoRoot, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(repoRoot, 'test', name), 'utf8'));
  for (const name of readdirSync(dir)) {
    assert.match(readFileSync(join(dir, name), 'utf8'), /^\/\/ \S/, name);
    const imported = `/${name.replace('.ts', '.js')}'`;
    assert.ok(
      texts.some((text) => text.includes(imported)),
      name,
    );
  }
});
