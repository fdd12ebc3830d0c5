// Whatever an agent leaves in T is gone with the session, without a word and with the agent's exit code, and nothing
// outside changes: neither what links point to nor what shares a file with T.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { busyboxIn, noBusybox } from '../helpers/busybox.js';
import { run } from '../helpers/cli.js';
import { sized } from '../helpers/conformance.js';
import { fixture, qwRun } from '../helpers/paths.js';
import { quoted } from '../helpers/quoted.js';
import { picture, put } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { standIns } from '../helpers/stand-ins.js';

/** Until the last write of the lease before the end. */
const NAMED = `until grep -q '"agent"' ../lease.json; do sleep 0.02; done`;
const DEEP = quoted(process.execPath, fixture('deep-path.mjs'));

/** A directory outside the session that has to stay as it is. */
function canary({ box }: Scene): { dir: string; look(): string[] } {
  const dir = join(box.dir, 'canary');
  put(join(dir, 'one/two'));
  put(join(dir, 'three'));
  return { dir, look: () => [...picture(box.dir).filter((line) => line.startsWith('canary'))] };
}

/** Runs the script as an agent in T. `$CANARY` is that directory. */
async function leaves(here: Scene, script: string): Promise<void> {
  const { dir, look } = canary(here);
  const before = look();
  assert.ok(before.length >= 4);
  const env = { ...here.options.env, CANARY: dir };
  const agent = ['sh', '-c', `set -e; cd "$TMPDIR"; ${script}\nexit 9`];
  const { code, signal, stdout, stderr } = await run(qwRun, agent, { ...here.options, env });
  assert.deepEqual({ code, signal, stdout, stderr }, { code: 9, signal: null, stdout: '', stderr: '' });
  assert.deepEqual(look(), before);
  here.nothingLeft();
}

const TABLE: [what: string, script: string][] = [
  [
    'read-only directories at each level, as in a module cache',
    `mkdir -p mod/a/b/c; for d in mod mod/a mod/a/b mod/a/b/c; do echo x >$d/file; chmod 0444 $d/file; done
       chmod -R a-w mod; chmod 0555 .`,
  ],
  ['directories without any permission', 'mkdir -p a/b/c d; echo x >a/b/c/file; chmod 0 a/b/c a/b a d'],
  ['directories that may be written but not searched', 'mkdir -p a/b; echo x >a/b/file; chmod 0600 a/b a'],
  ['a path of 3000 directories', `${DEEP} . 3000`],
  ['a deep path below read-only directories', `mkdir -p a/b; ${DEEP} a/b 1000; chmod 0555 a/b/deep a/b a`],
  ['300 read-only directories in each other', `${DEEP} . 300; chmod -R a-w deep`],
  ['3000 files', 'mkdir many; cd many; seq 3000 | xargs touch'],
  [
    'names that are not UTF-8, with newlines, quotes and leading dashes',
    `printf x >"$(printf 'not\\377utf\\3108')"; mkdir "$(printf '\\376\\377')"; printf x >"$(printf '\\376\\377')/$(printf '\\001\\033[2J')"
       mkdir "$(printf 'new\\nline')" ./-rf ./--no-preserve-root ' ' '*' '$(touch x)' '; touch y' "it's"; printf x >./--help; printf x >'-'`,
  ],
  ['the longest names there are', 'n=$(printf "%0255d" 1); mkdir -p "$n/$n/$n"; echo x >"$n/$n/$n/$n"'],
  ['FIFOs', 'mkdir a; mkfifo fifo a/fifo; chmod 0 fifo'],
  [
    'sockets whose owner is gone',
    `${quoted(process.execPath)} -e "require('net').createServer().listen('socket', () => process.kill(process.pid, 'SIGKILL'))" & { wait $! || :; } 2>/dev/null; test -S socket`,
  ],
  [
    'dangling and cyclic links',
    'ln -s nowhere a; ln -s c b; ln -s b c; ln -s . d; mkdir e; ln -s ../e e/f; ln -s / g',
  ],
  ['links to a directory outside', 'ln -s "$CANARY" out; mkdir a; ln -s "$CANARY/one" a/; chmod 0555 a'],
  ['T replaced by a link to a directory outside', 'cd ..; rmdir "$TMPDIR"; ln -s "$CANARY" "$TMPDIR"'],
  ['T replaced by a file', 'cd ..; rmdir "$TMPDIR"; echo x >"$TMPDIR"'],
  ['T removed', 'cd /; rmdir "$TMPDIR"'],
  ['a lease that is a FIFO', `${NAMED}; rm ../lease.json; mkfifo ../lease.json`],
  ['a lease that is a directory', `${NAMED}; rm ../lease.json; mkdir ../lease.json; echo x >../lease.json/x`],
  ['a lease that is a link', `${NAMED}; rm ../lease.json; ln -s "$CANARY/three" ../lease.json`],
];

describe('gone with the session:', { concurrency: 2 }, () => {
  for (const [what, script] of TABLE) test(what, (t) => leaves(scene(t), script));
});

// It works by path and is not used: trees go through descriptors instead.
describe('gone where rm is busybox’s:', { concurrency: 2, skip: noBusybox() }, () => {
  for (const [what, script] of sized({ fast: TABLE.slice(0, 5), full: TABLE }))
    test(`${what}, where rm is busybox’s`, (t) => leaves(withBusybox(scene(t)), `${TOO_MANY}\n${script}`));
});

/** More than are removed without any rm. */
const TOO_MANY = '(cd ..; seq -f pad%g 80 | xargs touch)';

/** Takes the rm of busybox. */
function withBusybox(here: Scene): Scene {
  Object.assign(here.options.env, standIns(busyboxIn(here.box.dir)).env);
  return here;
}

test('a file that has another name outside keeps its mode and content', async (t) => {
  const here = scene(t);
  const outside = put(join(here.box.dir, 'outside'), 'precious');
  const link = `mkdir a; ln "${outside}" a/link; chmod 0400 a/link; chmod 0555 a`;
  await leaves(here, link);
  assert.equal(readFileSync(outside, 'utf8'), 'precious');
  const { mode, nlink } = statSync(outside);
  assert.deepEqual([mode & 0o7777, nlink], [0o400, 1]);
});

test('a session directory replaced by a link takes nothing along', async (t) => {
  const here = scene(t);
  const { dir, look } = canary(here);
  const before = look();
  const script = `cd "$QW_ROOT"; rm -r "$QW_SESSION"; ln -s "${dir}" "$QW_SESSION"; exit 9`;
  const { code, signal } = await run(qwRun, ['sh', '-c', script], here.options);
  assert.deepEqual([code, signal], [9, null]);
  assert.deepEqual(look(), before);
  assert.deepEqual(here.processes(), []);
});
