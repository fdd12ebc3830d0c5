// A unit has the name and the shape of what an agent makes. What only begins alike is somebody's work: it
// is neither a unit nor a leaving of an agent.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { agentProfiles, profileNamed } from '#src/backends/profiles.js';
import { examineLegacy } from '#src/doctor/legacy.js';
import { findShapes, findUnits, otherEntries } from '#src/sweep/find-units.js';
import { hasShape } from '#src/sweep/shape.js';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';

const UUID = '01234567-89ab-4def-8123-456789abcdef';
const OWN = `claude-${process.getuid?.()}`;
const TIME = '2026-01-31T12-00-00-000Z';
const legacy = agentProfiles().flatMap((profile) => profile.legacy);

type Make = (path: string) => unknown;
const empty: Make = (path) => mkdirSync(path, { recursive: true });
const file: Make = (path) => put(path);
const holding =
  (...names: string[]): Make =>
  (path) =>
    names.forEach((name) => {
      put(join(path, name));
    });
const linked =
  (to: string): Make =>
  (path) =>
    symlinkSync(to, path);

describe('a unit', () => {
  const table: [path: string, make: Make][] = [
    ['claude-empty-aB3dE6', empty],
    ['claude-01ab-cwd', file],
    ['gemini-shell-aB3dE6', empty],
    ['gemini-shell-aB3dE6', holding('bgpids.tmp')],
    ['gemini-shell-aB3dE6', holding('pwd.tmp')],
    [`gemini-client-error-general-${TIME}.json`, file],
    ['claude-settings-0123456789abcdef.json', file],
    ['fswatch-probe-aB3dE6', holding('probe')],
    [`${OWN}/-home-me/${UUID}`, holding('tasks/b1.output', 'anything')],
    [`${OWN}/cwd-01ab`, file],
    [`${OWN}/fswatch-probe-aB3dE6`, empty],
    [`${OWN}/go-build123456`, holding('b001/exe/a.out')],
    [`${OWN}/tmp.AbCdEfGhIj`, holding('a/b')],
    [`${OWN}/tmp.AbCdEfGhIj`, file],
    [`${OWN}/build.log`, file],
  ];
  for (const [path, make] of table)
    test(`${path}, made by ${make.name || 'its agent'}`, (t) => {
      const { dir } = sandbox(t);
      mkdirSync(join(dir, path, '..'), { recursive: true });
      make(join(dir, path));
      assert.deepEqual(findUnits(dir, legacy), [join(dir, path)]);
    });
});

describe("somebody's work of a name like that", () => {
  const table: [path: string, make: Make][] = [
    ['gemini-shell-scripts', holding('src/a.sh')],
    ['claude-empty-cart-bug', holding('notes.md')],
    ['claude-and-me-cwd', empty],
    // Even where the name is one that an agent could have made.
    ['claude-empty-carbug', holding('notes.md')],
    ['claude-empty-carbug', holding('.hidden')],
    ['claude-empty-carbug', (path) => empty(join(path, 'inner'))],
    ['claude-empty-carbug', file],
    ['claude-dead-cwd', empty],
    ['claude-dead-cwd', holding('notes.md')],
    ['claude-dead-cwd', (path) => writeFileSync(path, 'x'.repeat(5_000))],
    ['gemini-shell-script', holding('bgpids.tmp', 'a.sh')],
    ['gemini-shell-script', (path) => empty(join(path, 'bgpids.tmp'))],
    ['gemini-shell-script', file],
    ['fswatch-probe-design', holding('probe', 'notes.md')],
    [`gemini-client-error-general-${TIME}.json`, holding('a')],
    ['claude-settings-0123456789abcdef.json', empty],
    [`${OWN}/-home-me/${UUID}`, file],
    [`${OWN}/cwd-01ab`, empty],
    [`${OWN}/build.log`, empty],
    [`${OWN}/-home-me`, holding('notes')],
    [`${OWN}/${UUID}`, holding('a')],
    [`${OWN}/tmp.x`, holding('a')],
    [`${OWN}/go-builder`, holding('main.go')],
    [`${OWN}/.hidden`, file],
  ];
  for (const [path, make] of table)
    test(`${path}, made by ${make.name || 'its owner'}`, async (t) => {
      const dir = join(sandbox(t).dir, 't');
      mkdirSync(join(dir, path, '..'), { recursive: true });
      make(join(dir, path));
      assert.deepEqual(findUnits(dir, legacy), []);
      if (path.startsWith(OWN)) return;
      const until = performance.now() + 60_000;
      const { legacy: told } = await examineLegacy({ dirs: [dir], maxAgeMs: 3_600_000, until });
      assert.deepEqual(told, []);
      const { units } = profileNamed(path.startsWith('gemini') ? 'gemini' : 'claude');
      assert.deepEqual(
        otherEntries(dir, units),
        [join(dir, path)],
        'where room is short it is like any other entry',
      );
    });
});

test('what was put into a unit after it was found takes its shape', (t) => {
  const { dir } = sandbox(t);
  const unit = join(dir, 'claude-empty-aB3dE6');
  empty(unit);
  const shape = findShapes(dir, legacy).get(unit) ?? assert.fail('found');
  assert.ok(hasShape(unit, shape));
  empty(join(unit, 'work'));
  assert.ok(!hasShape(unit, shape));
});

test('a link has no shape, whatever it leads to', (t) => {
  const { dir } = sandbox(t);
  empty(join(dir, 'outside/empty'));
  file(join(dir, 'outside/file'));
  const tmp = join(dir, 't');
  empty(join(tmp, OWN, 'p'));
  linked('../outside/empty')(join(tmp, 'claude-empty-aB3dE6'));
  linked('../outside/file')(join(tmp, 'claude-01ab-cwd'));
  linked('../../../outside/empty')(join(tmp, OWN, 'p', UUID));
  assert.deepEqual(findUnits(tmp, legacy), []);
});

describe('where room is short, a TMPDIR that is a repository itself keeps all its entries', () => {
  const table: [what: string, make: Make, others: string[]][] = [
    ['nothing', empty, ['a', 'b']],
    ['the empty .git of a sandbox', (dir) => empty(join(dir, '.git')), ['a', 'b']],
    ['a .git', holding('.git/HEAD'), []],
    ["a worktree's .git file", holding('.git'), []],
    ['a .hg', holding('.hg/requires'), []],
    ['a bare repository', holding('HEAD', 'objects/x', 'refs/x'), []],
    ['part of one', holding('objects/x', 'refs/x'), ['a', 'b', 'objects', 'refs']],
  ];
  for (const [what, make, others] of table)
    test(what, (t) => {
      const dir = join(sandbox(t).dir, 't');
      make(dir);
      holding('a', 'b/c')(dir);
      assert.deepEqual(
        otherEntries(dir, []).sort(),
        others.map((name) => join(dir, name)),
      );
    });
});
