// Inside the TMPDIR of a session that lives for days only its backend's units go, each as a whole: stale throughout, held by
// nobody, without anything that tells of a running program or of somebody's work. Nothing found there is executed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outsider, stranger } from '../helpers/outsider.js';
import { isAlive } from '../helpers/processes.js';
import * as reaping from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

const { forge, HOUR, killed, leaseOf, picture, put, reapOnce } = reaping;
const ID = 'abcd1234';
const OLD = { laterMs: 73 * HOUR };
const uid = process.getuid?.() ?? 0;
const PROJECT = `claude-${uid}/-home-me-project`;
const unit = (number: number) => `${PROJECT}/00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A session that this process owns, with `files` in its TMPDIR. */
function live({ box }: Scene, files: string[], backend = 'claude'): string {
  const owner = { ...reaping.identityOf(process.pid), ...reaping.realm(), uid };
  return forge(box, ID, { lease: leaseOf(ID, { backend, owner }), files }).tmpdir;
}

/** Paths swept by one pass, below `tmpdir`. */
async function swept(here: Scene, tmpdir: string, args: string[] = [], shift = OLD): Promise<string[]> {
  const { report, code } = await reapOnce(here, args, shift);
  assert.deepEqual([code, report.failed, report.removed], [0, [], []]);
  assert.deepEqual(
    report.kept.map(({ state }) => state),
    ['live'],
  );
  return report.swept.map(({ path }) => path.slice(tmpdir.length + 1)).sort();
}

const freshen = (path: string) => {
  const at = Date.now() / 1000 + 72 * 3600;
  utimesSync(path, at, at);
};
/** An empty one of git has these, the last two as directories. */
const BARE = ['config', 'description', 'HEAD', 'objects/info/x', 'refs/heads/x'];
const names = (dir: string) => picture(dir).map((line) => line.split(' ')[0]);

test('stale units go, fresh ones and all else stay, parents too, as often as one looks', async (t) => {
  const here = scene(t);
  const script = 'echo "ready $$ "; exec sleep 600';
  const { tmpdir } = await reaping.openWith(here, ['--no-watchdog', '--backend', 'claude'], script);
  const goes = [
    `${unit(1)}/work/file`,
    `${unit(2)}/tasks/old.output`,
    `claude-${uid}/cwd-12ab`,
    `claude-${uid}/tmp.AbCdEfGhIj/file`,
    'claude-1a2b-cwd',
    'fswatch-probe-aB3dE6/probe',
  ];
  const stays = [
    ...[`${unit(2)}/tasks/new.output`, `${unit(2)}/tasks/old.log`, `${PROJECT}/not-a-session/file`],
    ...[`${PROJECT}/loose`, `claude-${uid}/cwd-12abc`, `claude-${uid + 1}/p/${unit(3).split('/')[2]}/file`],
    ...['notes.txt', 'node_modules/a/b', 'claude-settings-1.json', 'gemini-shell-aB3dE6', '.claude-1a2b-cwd'],
    ...['claude-1a2b-cwd-more', 'tmp.AbCdEfGhIj/file', 'fswatch-probe-fresh1/probe'],
  ];
  for (const path of [...goes, ...stays]) put(join(tmpdir, path));
  for (const path of [`${unit(2)}/tasks/new.output`, 'fswatch-probe-fresh1/probe'])
    freshen(join(tmpdir, path));

  const expected = goes
    .map((path) => (path.startsWith(unit(1)) ? unit(1) : path.replace(/(?<=tmp\.\w+|probe-\w+)\/.*/, '')))
    .sort();
  assert.deepEqual(await swept(here, tmpdir, [], { laterMs: 71 * HOUR }), []);
  const before = picture(tmpdir);
  assert.deepEqual(await swept(here, tmpdir, ['--dry-run']), expected);
  assert.deepEqual(picture(tmpdir), before, 'a dry run changes nothing');
  assert.deepEqual(await swept(here, tmpdir), expected);
  for (const path of stays) assert.equal(readFileSync(join(tmpdir, path), 'utf8'), 'content', path);
  for (const path of goes) assert.ok(!existsSync(join(tmpdir, path)), path);
  assert.deepEqual(await swept(here, tmpdir), []);
  assert.ok(existsSync(join(tmpdir, PROJECT)));
});

const make = (command: string, ...args: string[]) =>
  assert.equal(spawnSync(command, args, { encoding: 'utf8' }).stderr, '');
const BLOCKERS: [what: string, add: (deep: string, here: Scene) => unknown][] = [
  [
    'a socket that nobody listens on',
    async (deep, here) => killed(await outsider(here, 'socket', `${deep}/s`)),
  ],
  ['a FIFO', (deep) => make('mkfifo', join(deep, 'fifo'))],
  ['a device', (deep) => make('mknod', join(deep, 'device'), 'c', '0', '0')],
  ['a lock file', (deep) => put(join(deep, 'index.lock'))],
  ['a lock file of an X server', (deep) => put(join(deep, '.X0-lock'))],
  ['a directory used as a lock', (deep) => mkdirSync(join(deep, '.lock'))],
  ...['.git', '.hg', '.jj', '.svn', '.sl'].map((name): (typeof BLOCKERS)[number] => [
    `a repository with a ${name}`,
    (deep) => put(join(deep, 'clone', name, 'x')),
  ]),
  ['a bare repository', (deep) => BARE.map((name) => put(join(deep, 'bare', name)))],
  ["a worktree's .git file", (deep) => put(join(deep, 'tree/.git'))],
  ['one fresh file', (deep) => freshen(put(join(deep, 'fresh')))],
];

test('a stale unit stays whole while there is in it what tells of a program or of work', async (t) => {
  const here = scene(t);
  const units = BLOCKERS.map(([what, add], at) => ({ what, add, path: unit(at + 1) }));
  const tmpdir = live(here, [`${unit(0)}/file`, ...units.map(({ path }) => `${path}/a/b/c/d/file`)]);
  for (const { add, path } of units) await add(join(tmpdir, path, 'a/b/c/d'), here);
  const all = () => units.map(({ what, path }) => [what, names(join(tmpdir, path))]);
  const before = all();
  assert.deepEqual(await swept(here, tmpdir, ['--orphans', 'end']), [unit(0)]);
  assert.deepEqual(all(), before);
});

const runs = async (here: Scene, dir: string) => {
  const program = join(dir, 'program');
  cpSync(spawnSync('sh', ['-c', 'command -v sleep'], { encoding: 'utf8' }).stdout.trim(), program);
  chmodSync(program, 0o700);
  return stranger(here, 'sh', ['-c', 'echo ready; exec "$0" 600', program]);
};
const HOLDERS: [what: string, hold: (here: Scene, dir: string) => Promise<number>][] = [
  ['an open file', (here, dir) => outsider(here, 'file', join(dir, 'file'))],
  ['its working directory', (here, dir) => outsider(here, 'cwd', dir)],
  ['a bound socket', (here, dir) => outsider(here, 'socket', join(dir, 's'))],
  ['a mapping, running a program that lies in it', runs],
];

test('a stale unit stays while somebody has something there', async (t) => {
  const here = scene(t);
  const units = HOLDERS.map(([what, hold], at) => ({ what, hold, path: unit(at + 1) }));
  const tmpdir = live(here, ['claude-1a2b-cwd', ...units.map(({ path }) => `${path}/deep/file`)]);
  const holders: number[] = [];
  for (const { hold, path } of units) holders.push(await hold(here, join(tmpdir, path, 'deep')));
  assert.deepEqual(await swept(here, tmpdir), ['claude-1a2b-cwd']);
  assert.ok(holders.every(isAlive));
  for (const holder of holders) await killed(holder);
  // A program was read to be run: on relatime that may have gone on for a day. A socket stays a reason.
  const free = units.filter(({ what }) => what !== 'a bound socket').map(({ path }) => path);
  assert.deepEqual(await swept(here, tmpdir, [], { laterMs: 97 * HOUR }), free);
});

test('a time that is yet to come proves no use: what was changed last counts', async (t) => {
  const here = scene(t);
  const tmpdir = live(here, ['claude-1a2b-cwd', `${unit(1)}/deep/file`]);
  for (const path of ['claude-1a2b-cwd', `${unit(1)}/deep/file`, unit(1)])
    utimesSync(join(tmpdir, path), 4e9, 4e9);
  assert.deepEqual(await swept(here, tmpdir, [], { laterMs: 71 * HOUR }), []);
  assert.deepEqual(await swept(here, tmpdir), [unit(1), 'claude-1a2b-cwd'].sort());
});

test('links lead nowhere: what they point to is neither swept nor read as a unit', async (t) => {
  const here = scene(t);
  const tmpdir = live(here, []);
  const outside = join(here.box.dir, 'outside');
  for (const path of [unit(1).slice(unit(1).indexOf('/') + 1), 'file']) put(join(outside, path, 'precious'));
  symlinkSync(outside, join(tmpdir, `claude-${uid}`));
  symlinkSync(join(outside, 'file'), join(tmpdir, 'claude-1a2b-cwd'));
  const before = picture(outside);
  await swept(here, tmpdir);
  assert.deepEqual(picture(outside), before);
});
