// Where our own programs come from: never from a directory in which an agent could put another in its place.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { findTool, refusedTool, SYSTEM_DIRS, tool } from '#src/process/find-tool.js';
import { run } from '../helpers/cli.js';
import { qwRun } from '../helpers/paths.js';
import { scene } from '../helpers/scene.js';
import { script, standIns } from '../helpers/stand-ins.js';

function usePath(t: TestContext, path: string): void {
  const { PATH } = process.env;
  process.env['PATH'] = path;
  t.after(() => {
    process.env['PATH'] = PATH;
  });
}

describe('a program of ours', () => {
  test('is found in the system’s directories whatever PATH says', (t) => {
    usePath(t, '/nonexistent');
    assert.ok(SYSTEM_DIRS.some((dir) => findTool('sh') === join(dir, 'sh')));
  });
  test('is not taken from a directory of PATH that is not root’s alone; where it was seen can be told', (t) => {
    const { box } = scene(t);
    const bin = join(box.dir, 'bin');
    for (const name of ['sh', 'only-here']) script(bin, name, 'exit 0');
    usePath(t, `${bin}:.:`);
    assert.notEqual(findTool('sh'), join(bin, 'sh'));
    assert.equal(findTool('only-here'), undefined);
    assert.equal(tool('only-here'), join(SYSTEM_DIRS[0] as string, 'only-here'));
    assert.equal(refusedTool('only-here'), join(bin, 'only-here'));
    assert.equal(refusedTool('nowhere'), undefined);
  });
  test('that is refused there: --isolate says so, with the way out', async (t) => {
    const here = scene(t);
    const [hidden, bin] = [join(here.box.dir, 'hidden'), join(here.box.dir, 'bin')];
    script(hidden, 'bwrap', '');
    script(bin, 'bwrap', 'echo 1');
    const env = { ...here.options.env, ...standIns(hidden).env, PATH: `${bin}:${process.env['PATH']}` };
    const { code, stderr } = await run(qwRun, ['--isolate', 'tmpfs', '/bin/true'], { ...here.options, env });
    assert.equal(code, 125);
    assert.ok(stderr.startsWith(`qw-run: no isolation here: bwrap is only in "${bin}", where `), stderr);
    assert.match(stderr, /; install it for all users \(Debian, /);
    here.nothingLeft();
  });
});
