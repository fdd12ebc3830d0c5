// The model is told that the disk is full: what an agent asks of its model after a failed command has the sentence in it, on file
// systems without blocks, without inodes and with a quota used up; with room, nothing is added. The end names it, also where it
// was full in between only.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { standIn } from '../campaigns/agents/api/stand-in.js';
import { run } from '../helpers/cli.js';
import { ON, tmpfs } from '../helpers/full-volume.js';
import { mountWithQuota } from '../helpers/loop-mount.js';
import { fixture, qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { inPrivateMounts, mountScene } from '../helpers/private-mounts.js';

const skip = inPrivateMounts(import.meta.url);

/** Why the directory `m` of the scene, where sessions will lie, is not to be had. */
type Volume = (dir: string, place: string) => string | undefined;
const onTmpfs =
  (limits: string): Volume =>
  (dir) =>
    void tmpfs(dir, limits);
const withQuota: Volume = (dir, place) => {
  mkdirSync(dir);
  return mountWithQuota(place, dir);
};

const FILL = 'head -c 30000000 /dev/zero > "$TMPDIR/big" 2>/dev/null; sync -f "$TMPDIR"; false';
const CROWD = 'i=0; while : > "$TMPDIR/$i"; do i=$((i+1)); done 2>/dev/null; false';

interface Asked {
  volume: Volume;
  commands: string[];
  agent?: string;
  options?: string[];
  env?: NodeJS.ProcessEnv;
  below?: string;
}

/** Runs an agent there; what its model was asked, all of it, and what qw-run said. */
async function ask(
  t: TestContext,
  { volume, commands, agent = 'claude', options = [], env = {}, below = '' }: Asked,
) {
  const here = mountScene(t);
  const dir = join(here.box.dir, 'm');
  const why = volume(dir, here.box.dir);
  if (why !== undefined) return t.skip(why);
  const program = join(here.box.dir, agent);
  copyFileSync(fixture('hooked-agent.mjs'), program);
  copyFileSync(fixture('asked-commands.mjs'), join(here.box.dir, 'asked-commands.mjs'));
  chmodSync(program, 0o755);
  const packed = { name: '@anthropic-ai/claude-code', version: '2.1.332', type: 'module' };
  if (agent === 'claude') writeFileSync(join(here.box.dir, 'package.json'), JSON.stringify(packed));
  const api = await standIn(commands);
  t.after(() => api.close());
  const all = {
    ...here.options.env,
    ...ON,
    QW_TELL: agent === 'gemini' ? 'on' : '',
    QW_ROOT: join(dir, below, 'r'),
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${api.port}`,
    ...env,
  };
  const { code, stderr } = await run(qwRun, [...options, program, '-p'], { ...here.options, env: all });
  assert.equal(code, 0, stderr);
  const log = await run(qwTmp, ['log', '--json'], { ...here.options, env: all });
  return { told: api.bodies.join('\n'), stderr, receipts: log.stdout, dir };
}

/** Gemini takes our defaults from where nobody but root can write. */
const isRootsAlone = (path: string): boolean =>
  statSync(path).uid === 0 &&
  (statSync(path).mode & 0o022) === 0 &&
  (path === '/' || isRootsAlone(dirname(path)));

const FULL: [what: string, asked: Asked, why: RegExp, code: string][] = [
  [
    'blocks are used up',
    { volume: onTmpfs('size=8m'), commands: [FILL] },
    /\(tmpfs\) no space is left \(ENOSPC\)/,
    'ENOSPC',
  ],
  [
    'inodes are used up',
    { volume: onTmpfs('size=8m,nr_inodes=60'), commands: [CROWD] },
    /\(tmpfs\) no inodes are left \(ENOSPC\)/,
    'ENOSPC',
  ],
  [
    'a quota is used up',
    { volume: withQuota, below: 'limited', commands: [FILL] },
    /\(btrfs\) the quota of its subvolume is used up \(EDQUOT\)/,
    'EDQUOT',
  ],
];
for (const [what, asked, why, code] of FULL) {
  for (const agent of ['claude', 'gemini'])
    test(`${agent}'s model is told when ${what}, and so are its user and the receipt`, {
      skip: skip || (agent === 'gemini' && !isRootsAlone(qwRun) && 'the build is not root’s alone'),
    }, async (t) => {
      const found = await ask(t, { ...asked, agent });
      if (!found) return;
      assert.match(found.told, /The disk is full: on /);
      assert.match(found.told, why);
      assert.match(found.told, /TMPDIR is /);
      assert.match(found.told, /qw-run --root DIR/);
      assert.match(found.stderr, new RegExp(`\\(${code}, seen at [0-9:]+ UTC\\)`));
      assert.match(found.receipts, new RegExp(`"lastPressure":\\s*\\{\\s*"code":\\s*"${code}"`));
    });
}

const QUIET: [what: string, asked: Partial<Asked>][] = [
  ['with room', { commands: ['false', 'exit 3'] }],
  [
    'with room again by the time that the command has failed',
    { commands: [`${FILL}; rm "$TMPDIR/big"; false`] },
  ],
  ['with --no-tell', { commands: [FILL], options: ['--no-tell'] }],
  ['with QW_TELL=off', { commands: [FILL], env: { QW_TELL: 'off' } }],
];
for (const [what, asked] of QUIET)
  test(`nothing is added ${what}`, { skip }, async (t) => {
    const found = await ask(t, { volume: onTmpfs('size=8m'), commands: [], ...asked });
    assert.ok(found);
    assert.match(found.told, /Exit code/);
    assert.doesNotMatch(found.told, /disk is full/);
  });

test('a disk that was full between two commands only is named at the end', { skip }, async (t) => {
  const found = await ask(t, {
    volume: withQuota,
    below: 'limited',
    commands: [FILL, 'rm "$TMPDIR/big"; sync -f "$TMPDIR"'],
  });
  if (!found) return;
  assert.match(found.stderr, /your disk quota was used up .*\(EDQUOT, seen at [0-9:]+ UTC\)/);
  assert.match(found.receipts, /"code":\s*"EDQUOT"/);
});

test('so is one that was full for a while, without any hook', { skip }, async (t) => {
  const here = mountScene(t);
  const dir = join(here.box.dir, 'm');
  tmpfs(dir, 'size=8m');
  const script = `
    import { rmSync, writeFileSync } from 'node:fs';
    import { openSession } from 'qw-run';
    const session = await openSession({ watchdog: false });
    const big = session.tmpdir + '/big';
    try { writeFileSync(big, Buffer.alloc(9e6, 1)); } catch {}
    while (!session.lastPressure) await new Promise((resolve) => setTimeout(resolve, 10));
    rmSync(big);
    console.log((await session.end()).lastPressure.code);`;
  const env = { ...here.options.env, QW_ROOT: join(dir, 'r') };
  const { stdout, stderr } = await run('--input-type=module', ['-e', script], { cwd: repoRoot, env });
  assert.deepEqual([stdout, stderr], ['ENOSPC\n', '']);
});
