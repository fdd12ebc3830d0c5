// What a start as another user really does with TMPDIR here, by the programs themselves, as root: it mostly does not arrive, or
// nothing can be written there, and that is told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';

const root = process.getuid?.() !== 0 && 'needs root';
const lacks = (name: string) => root || (spawnSync(name, ['--version']).error ? `no ${name} here` : false);
const WRITES = 'test "$TMPDIR" && : > "$TMPDIR/x" && echo it arrives';

const TABLE: [program: string, args: string[], arrives: boolean][] = [
  ['sudo', ['sh', '-c', WRITES], false],
  ['sudo', ['-E', 'sh', '-c', WRITES], true],
  ['sudo', ['--preserve-env=TMPDIR', 'sh', '-c', WRITES], true],
  ['sudo', ['-E', '-u', 'nobody', 'sh', '-c', WRITES], false],
  ['runuser', ['-u', 'nobody', '--', 'sh', '-c', WRITES], false],
  ['su', ['root', '-s', '/bin/sh', '-c', WRITES], true],
  ['su', ['nobody', '-s', '/bin/sh', '-c', WRITES], false],
  ['su', ['-', 'root', '-s', '/bin/sh', '-c', WRITES], false],
];

for (const [program, args, arrives] of TABLE)
  test(`${program} ${args.join(' ')}: told, though ${arrives ? 'root may keep it' : 'it does not arrive'}`, {
    skip: lacks(program),
  }, async (t) => {
    const here = scene(t);
    const { stdout, stderr } = await run(qwRun, [program, ...args], here.options);
    assert.equal(stdout.includes('it arrives'), arrives, stderr);
    assert.match(stderr, /^qw-run: .*start qw-run inside instead/m);
    here.nothingLeft();
  });
