// qw-tmp reap told something it cannot mean: one line that names it, exit 2, and nothing is touched.
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { deadClaim } from '../helpers/claims.js';
import { type Finished, run } from '../helpers/cli.js';
import { qwTmp } from '../helpers/paths.js';
import { forge, HOUR, leaseOf, picture, put, shifted } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';

/** Late enough for all of it to go. */
const LATE = shifted({ laterMs: 10_000 * HOUR });
const command = (here: Scene, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  run(qwTmp, ['reap', ...args], { ...here.options, env: { ...here.options.env, ...LATE, ...env } });

function furnish({ box }: Scene): void {
  forge(box, 'dead1234', { lease: leaseOf('dead1234') });
  forge(box, 'bare1234');
  put(join(box.root, `.trash/gone1234.${deadClaim()}/tmp/file`));
}

describe('misuse is told in one line with exit 2, and changes nothing:', { concurrency: 2 }, () => {
  const table: [args: string, named: RegExp, env?: NodeJS.ProcessEnv][] = [
    ...['soon', '72', '-1h', '1e3h', 'NaN', '72hours', ','].map((age): [string, RegExp] => [
      `--max-age=${age}`,
      /maxAge|max-age/,
    ]),
    ['--max-age', /max-age/],
    ['--max-age=', /max-age/],
    ['--orphans kill', /orphans.*wait.*end.*kill/],
    ['--orphans=', /orphans/],
    ['--low much', /low.*5%.*much/],
    ['--target 64Q', /target.*64Q/],
    ['--low 10% --target 5%', /target.*5%.*low.*10%/],
    ['--no-such-option', /no-such-option/],
    ['--force', /force/],
    ['dead1234', /dead1234/],
    ['', /QW_MAX_AGE.*later/, { QW_MAX_AGE: 'later' }],
    ['', /QW_LOW.*half/, { QW_LOW: 'half' }],
  ];
  for (const [args, named, env] of table) {
    test(args || JSON.stringify(env), async (t) => {
      const here = scene(t);
      furnish(here);
      const before = picture(here.box.dir);
      const { code, stdout, stderr } = await command(here, args.split(' ').filter(Boolean), env);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, /^qw-tmp: [^\n]+\n$/);
      assert.match(stderr, named);
      assert.deepEqual(picture(here.box.dir), before);
    });
  }
});

test('a root that was named is that one or an error: missing, a link', async (t) => {
  const here = scene(t);
  furnish(here);
  symlinkSync(here.box.root, join(here.box.dir, 'link'));
  const before = picture(here.box.dir);
  for (const root of [join(here.box.dir, 'no-such-root'), join(here.box.dir, 'link')]) {
    const { code, stderr } = await command(here, ['--root', root]);
    assert.ok(code === 1 || code === 2, stderr);
    assert.match(stderr, /^qw-tmp: [^\n]+\n$/);
    assert.ok(stderr.includes(root));
  }
  assert.deepEqual(picture(here.box.dir), before);
});

test('what these were kept from would have taken all', async (t) => {
  const here = scene(t);
  furnish(here);
  assert.equal((await command(here, [])).code, 0);
  here.nothingLeft();
});
