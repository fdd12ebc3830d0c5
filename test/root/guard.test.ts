// A root named by the user is used only where nobody else could swap what is in it and where sockets fit; if not, one line
// says why, and nothing is made or changed.
import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import type { Sandbox } from '../helpers/sandbox.js';
import { scene } from '../helpers/scene.js';

const make = (path: string, mode: number) => {
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
};
/** Every path with its mode: what a refusal must leave alone. */
const paths = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${lstatSync(join(dir, name)).mode.toString(8)}`);
/** A root below the sandbox whose sessions have a TMPDIR of so many bytes. */
const ofBytes = ({ dir }: Sandbox, bytes: number) =>
  join(dir, 'x'.repeat(bytes - Buffer.byteLength(`${dir}//12345678/tmp`)));
const link = (to: string, path: string) => {
  symlinkSync(to, path);
  return path;
};
const file = (path: string) => {
  writeFileSync(path, '');
  return path;
};

const refused: [what: string, root: (box: Sandbox) => string, why: RegExp][] = [
  ['is a link', ({ dir }) => link(make(join(dir, 'd'), 0o700), join(dir, 'l')), /link/],
  ['is a link to nowhere', ({ dir }) => link('/no/such', join(dir, 'l')), /link/],
  ['may be read by all', ({ dir }) => make(join(dir, 'd'), 0o755), /0755.*0700/],
  ['may be read by the group', ({ dir }) => make(join(dir, 'd'), 0o750), /0750.*0700/],
  ['may be written by all', ({ dir }) => make(join(dir, 'd'), 0o777), /0777.*0700/],
  ['is sticky and may be written by all', ({ dir }) => make(join(dir, 'd'), 0o1777), /0777.*0700/],
  ['may be read, its name to be quoted', ({ dir }) => make(join(dir, 'd e'), 0o755), /chmod 700 '.*d e'$/m],
  ['is a file', ({ dir }) => file(join(dir, 'f')), /not a directory/],
  ['lies below a file', ({ dir }) => join(file(join(dir, 'f')), 'r'), /ENOTDIR|parent/],
  ['lies in a directory that is missing', ({ dir }) => join(dir, 'n o/r'), /parent.*mkdir -p '.*n o'/],
  ['lies where all may write', ({ dir }) => join(make(join(dir, 'd'), 0o777), 'r'), /writable by others/],
  [
    'lies where the group may write',
    ({ dir }) => join(make(join(dir, 'd'), 0o770), 'r'),
    /writable by others/,
  ],
  [
    'lies two below where all may write',
    ({ dir }) => join(make(join(make(join(dir, 'd'), 0o777), 'e'), 0o700), 'r'),
    /writable by others/,
  ],
  ['is too long by one byte', (box) => ofBytes(box, 49), /too long.*49 bytes.*48.*sockets/],
  ['is too long in bytes, not in characters', (box) => `${ofBytes(box, 45)}üü`, /too long.*sockets/],
  ['has a control character', ({ dir }) => join(dir, 'r\u001b[31m'), /control character/],
];

describe('a root is refused, with 125 and one line, where it', { concurrency: 2 }, () => {
  for (const [what, root, why] of refused) {
    test(what, async (t) => {
      const { box, options, processes } = scene(t);
      const path = root(box);
      const before = paths(box.dir);
      const byVariable = { ...options, env: { ...options.env, QW_ROOT: path } };
      for (const [args, more] of [
        [['--root', path], options],
        [[], byVariable],
      ] as const) {
        const { code, signal, stdout, stderr } = await run(qwRun, [...args, 'echo', 'ran'], more);
        assert.deepEqual({ code, signal, stdout }, { code: 125, signal: null, stdout: '' }, stderr);
        assert.match(stderr, /^qw-run: [ -~\u00a0-\uffff]+\n$/);
        assert.match(stderr, why);
        assert.deepEqual(paths(box.dir), before);
        assert.deepEqual(processes(), []);
      }
    });
  }
});

describe('qw-tmp', { concurrency: 2 }, () => {
  for (const [what, root, why] of refused.filter(([, , why]) => /link|0755|not a|others/.test(why.source))) {
    test(`refuses a root named that ${what}, with 1 and one line`, async (t) => {
      const { box, options } = scene(t);
      const path = root(box);
      const before = paths(box.dir);
      for (const command of [['list'], ['reap'], ['rm', 'abcdefgh']]) {
        const { code, stdout, stderr } = await run(qwTmp, [...command, '--root', path], options);
        assert.deepEqual([code, stdout], [1, ''], stderr);
        assert.match(stderr, /^qw-tmp: .+\n$/);
        if (!what.startsWith('lies')) assert.match(stderr, why);
      }
      assert.deepEqual(paths(box.dir), before);
    });
  }
});

describe('a root is used where it', { concurrency: 2 }, () => {
  const used: [what: string, root: (box: Sandbox) => string][] = [
    ['is missing: it is made 0700', ({ dir }) => join(dir, 'new')],
    [
      'is missing below a sticky directory all may write',
      ({ dir }) => join(make(join(dir, 'd'), 0o1777), 'r'),
    ],
    ['is 0700', ({ dir }) => make(join(dir, 'd'), 0o700)],
    ['is as long as may be', (box) => ofBytes(box, 48)],
    ['has spaces and other scripts', ({ dir }) => join(dir, "a 'b' ü")],
    ['is relative', () => 'rel'],
    ['is relative with dots', () => '../w/./rel/'],
  ];
  for (const [what, root] of used) {
    test(what, async (t) => {
      const { box, options, processes } = scene(t);
      const path = root(box);
      const expected = /rel/.test(path) ? join(box.cwd, 'rel') : path;
      const script = 'test -d "$TMPDIR" && echo "$QW_ROOT" && echo "$TMPDIR"';
      const { code, stdout, stderr } = await run(qwRun, ['--root', path, 'sh', '-c', script], options);
      assert.deepEqual([code, stderr], [0, '']);
      const [used, tmpdir = ''] = stdout.split('\n');
      assert.equal(used, expected);
      assert.ok(tmpdir.startsWith(`${expected}/`) && Buffer.byteLength(tmpdir) <= 48, tmpdir);
      assert.equal(statSync(expected).mode & 0o7777, 0o700);
      assert.deepEqual(
        [processes(), readdirSync(expected).filter((name) => !name.startsWith('.'))],
        [[], []],
      );
    });
  }
});
