// The rooms of src import one way only, so that a reader can go from top to bottom; each outside door has one place.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { askNow, launch, runDetached } from '#src/process/exec.js';
import type { runTool } from '#src/process/run-tool.js';
import { repoRoot } from '../helpers/paths.js';

const src = join(repoRoot, 'src');
/** Top to bottom. Rooms of one level do not import each other. */
const LEVELS = [
  ['index'],
  ['cli'],
  ['doctor', 'explain'],
  ['exec'],
  ['run'],
  ['reap'],
  ['judge'],
  ['helper'],
  ['session'],
  ['receipt'],
  ['end', 'isolate', 'sweep'],
  ['take'],
  ['lease'],
  ['belong'],
  ['backends', 'remove', 'terminal', 'work'],
  ['process'],
  ['tree'],
  ['root', 'space'],
  ['known-options', 'names'],
  ['abort', 'checks', 'clock', 'fs', 'heard', 'once', 'options'],
  ['errors', 'nearest', 'quote', 'real-timers', 'real-timers-promises'],
];
/** Packages and modules that only one file may use; types of theirs are anybody's. */
const DOORS: Record<string, string> = {
  'node:child_process': 'process/exec.ts',
  'node:fs': 'fs.ts',
  execa: 'run/run-agent.ts',
  'signal-exit': 'session/exit-hook.ts',
  'tmp-promise': 'session/tmp-promise.ts',
  'tree-kill': 'end/tree-kill.ts',
};

/** Modules by which something could run that does not come through a door, and who may name them. */
const RUNNERS: Record<string, string[]> = {
  child_process: ['process/exec.ts'],
  cluster: [],
  worker_threads: [],
};
/** What starts a program of the user's, and who may: the agent, a shell, and an agent's own word of its version. */
const USERS_PROGRAMS = {
  launchAgent: 'cli/wrap.ts',
  becomeLauncher: 'cli/qw-run-main.ts',
  launchShell: 'cli/shell.ts',
  askAgent: 'backends/version-of.ts',
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();
/** A regular expression by itself, or what tells the linter of one. */
const UNBROKEN = /^ *\/\\\/.*\$\/,$|biome-ignore/;
const read = (file: string) => readFileSync(join(src, file), 'utf8');
/** Without comments. */
const codeOf = (file: string) => read(file).replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
const valuesOf = (file: string) => codeOf(file).replace(/\bimport type [^;]*;/g, '');
const importsOf = (file: string, code = codeOf(file)): string[] =>
  [...code.matchAll(/(?:\bfrom\s|\bimport\s|\bimport\(|\brequire\()\s*['"]([^'"]+)['"]/g)].map(
    ([, what]) => what as string,
  );
/** Files of ours that a file imports. */
const ownImports = (file: string): string[] =>
  importsOf(file)
    .filter((what) => what.startsWith('.'))
    .map((what) => join(dirname(file), what).replace(/\.js$/, '.ts'));
const roomOf = (file: string): string => file.split('/')[0]?.replace(/\.ts$/, '') ?? '';
const levelOf = (room: string): number => LEVELS.findIndex((level) => level.includes(room));

test('there is source to look at, and it imports', () => {
  assert.ok(files.length > 50);
  assert.ok(files.flatMap(ownImports).length > 100);
  for (const file of files)
    for (const other of ownImports(file)) assert.ok(files.includes(other), `${file}: ${other}`);
});

test('every room has its level', () => {
  assert.deepEqual([...new Set(files.map(roomOf))].sort(), LEVELS.flat().sort());
});

test('imports go down, never up or sideways', () => {
  const wrong = files.flatMap((file) =>
    ownImports(file)
      .filter((other) => roomOf(file) !== roomOf(other) && levelOf(roomOf(file)) >= levelOf(roomOf(other)))
      .map((other) => `${file} imports ${other}`),
  );
  assert.deepEqual(wrong, []);
});

test('sweeping knows nothing of leases', () => {
  const known = files.filter((file) => roomOf(file) === 'sweep').flatMap(ownImports);
  assert.deepEqual(
    known.filter((other) => roomOf(other) === 'lease'),
    [],
  );
});

test('no circles', () => {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    assert.ok(!path.includes(file), [...path, file].join(' > '));
    if (done.has(file)) return;
    for (const other of ownImports(file)) visit(other, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  assert.equal(done.size, files.length);
});

for (const [what, door] of Object.entries(DOORS)) {
  test(`only ${door} imports ${what}`, () => {
    const users = files.filter((file) =>
      importsOf(file, valuesOf(file)).some((name) => name === what || name.startsWith(`${what}/`)),
    );
    assert.deepEqual(users, [door]);
  });
}

for (const [module, users] of Object.entries(RUNNERS)) {
  test(`nobody else names ${module}, however it is loaded`, () => {
    const name = new RegExp(`['"\`](node:)?${module}['"\`]`);
    assert.deepEqual(
      files.filter((file) => name.test(valuesOf(file))),
      users,
    );
  });
}

for (const [start, user] of Object.entries(USERS_PROGRAMS)) {
  test(`only ${user} calls ${start}`, () => {
    const call = new RegExp(`\\b${start}\\b`);
    assert.deepEqual(
      files.filter((file) => call.test(codeOf(file)) && file !== 'process/exec.ts'),
      [user],
    );
  });
}

test('a program is what the look-up found: a bare name is a type error, and nobody casts one', () => {
  // @ts-expect-error
  const byName: Parameters<typeof launch>[0] = 'rm';
  // @ts-expect-error
  const toRun: Parameters<typeof runTool>[0] = byName as string;
  // @ts-expect-error
  const toAsk: Parameters<typeof askNow>[0] = toRun as string;
  // @ts-expect-error
  const toLeave: Parameters<typeof runDetached>[0] = toAsk as string;
  assert.ok(toLeave);
  const casts = files.filter((file) => /\bas (unknown as )?Program\b/.test(codeOf(file)));
  assert.deepEqual(casts, ['process/find-tool.ts']);
  const named = /\b(launch|runTool|askNow|runDetached)\(\s*(['"`]|.* as (never|any)\b)/;
  assert.deepEqual(
    files.filter((file) => named.test(codeOf(file))),
    [],
  );
});

test('every package that is imported is a dependency, and the other way round', () => {
  const { dependencies } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'));
  const imported = files.flatMap((file) => importsOf(file)).filter((what) => !/^(\.|node:)/.test(what));
  const needed = [...new Set([...imported, 'tmp'])].sort(); // tmp: the fixed version below tmp-promise
  assert.deepEqual(needed, Object.keys(dependencies).sort());
});

test('no file has more than 200 lines', () => {
  const long = files.filter((file) => read(file).trimEnd().split('\n').length > 200);
  assert.deepEqual(long, []);
});

test('no line has more than 110 columns, but for a pattern that cannot be broken', () => {
  const long = files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, at) => (line.length > 110 && !UNBROKEN.test(line) ? [`${file}:${at + 1}`] : [])),
  );
  assert.deepEqual(long, []);
});

test('no await at the top level: CommonJS could not require us', () => {
  const awaiting = files.filter((file) =>
    /^(?:export )?(?:(?:const|let) .*= )?await\b|^for await\b/m.test(codeOf(file)),
  );
  assert.deepEqual(awaiting, []);
});
