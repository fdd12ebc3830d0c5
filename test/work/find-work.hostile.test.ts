// Whatever lies in a TMPDIR: looking ends, throws nothing, follows nothing, runs nothing, and leaves all as
// it was.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { fs } from '#src/fs.js';
import { findWork } from '#src/work/find-work.js';
import { type GitScene, gitScene, noGit } from '../helpers/git.js';
import { fixture } from '../helpers/paths.js';
import { sandbox } from '../helpers/sandbox.js';

const asRoot = process.getuid?.() === 0 && 'root reads everything';

/**
 * A record of a worktree, with what git needs to take it for one, and the file that leads to it. Without
 * git.
 */
function byHand(t: TestContext) {
  const { dir } = sandbox(t);
  const tmp = join(dir, 't');
  const record = join(dir, 'repo/.git/worktrees/w');
  mkdirSync(join(tmp, 'w'), { recursive: true });
  mkdirSync(record, { recursive: true });
  writeFileSync(join(record, 'HEAD'), 'ref: refs/heads/f\n');
  writeFileSync(join(record, 'commondir'), '../..\n');
  writeFileSync(join(record, 'gitdir'), `${tmp}/w/.git\n`);
  const git = join(tmp, 'w/.git');
  writeFileSync(git, `gitdir: ${record}\n`);
  const found = async () => {
    const { work, unseen } = await findWork(tmp);
    return [...work.map(({ kind }) => kind), ...(unseen ? [`unseen ${unseen.slice(tmp.length + 1)}`] : [])];
  };
  return { dir, tmp, record, git, found };
}

/** More than a thousand such names are no small directory. */
const LONG = 'long'.repeat(20);

/** Runs `use` while the directory at `path` is closed to all. */
async function whileClosed(path: string, use: () => Promise<void>): Promise<void> {
  chmodSync(path, 0);
  try {
    await use();
  } finally {
    chmodSync(path, 0o700);
  }
}

/** In place of `.git`. */
const GARBAGE: [what: string, make: (git: string, dir: string) => void][] = [
  ['a FIFO', (git) => execFileSync('mkfifo', [git])],
  ['a link to nothing', (git) => symlinkSync('nowhere', git)],
  ['a link to itself', (git) => symlinkSync('.git', git)],
  ['a link to a device that never ends', (git) => symlinkSync('/dev/zero', git)],
  ['a link to a directory that is no repository', (git, dir) => symlinkSync(dir, git)],
  [
    'a huge file',
    (git) => {
      writeFileSync(git, 'gitdir: /');
      truncateSync(git, 2 ** 40);
    },
  ],
  ['an empty file', (git) => writeFileSync(git, '')],
  ['a path with a NUL', (git) => writeFileSync(git, 'gitdir: /\0\n')],
  ['a path of 4000 parts', (git) => writeFileSync(git, `gitdir: ${'a/'.repeat(2_000)}\n`)],
  [
    'a file that names a file',
    (git, dir) => {
      writeFileSync(join(dir, 'f'), '');
      writeFileSync(git, `gitdir: ${dir}/f`);
    },
  ],
  ['a file that names itself', (git) => writeFileSync(git, 'gitdir: .git\n')],
  ['a file that names a directory', (git, dir) => writeFileSync(git, `gitdir: ${dir}\n`)],
  [
    'a file that names a directory with a HEAD',
    (git, dir) => {
      writeFileSync(join(dir, 'HEAD'), 'ref: refs/heads/f\n');
      writeFileSync(git, `gitdir: ${dir}\n`);
    },
  ],
  ['a file that names procfs', (git) => writeFileSync(git, 'gitdir: /proc/self/fd/0\n')],
  ['an empty directory', (git) => mkdirSync(git)],
];

for (const [what, make] of GARBAGE)
  test(`${what} in place of .git is temp`, async (t) => {
    const { dir, git, found } = byHand(t);
    rmSync(git);
    make(git, dir);
    assert.deepEqual(await found(), []);
  });

test('a socket in place of .git is temp', async (t) => {
  const { git, found } = byHand(t);
  rmSync(git);
  const end = "process.kill(process.pid, 'SIGKILL')";
  const listen = `require('net').createServer().listen(process.argv[1], () => ${end})`;
  spawnSync(process.execPath, ['-e', listen, git]);
  assert.ok(statSync(git).isSocket());
  assert.deepEqual(await found(), []);
});

test('any bytes in .git, HEAD, commondir, gitdir and config neither throw nor hold up', async (t) => {
  const { git, record, tmp } = byHand(t);
  const line = fc.constantFrom(
    'gitdir: ',
    'ref: refs/heads/',
    '..',
    '/',
    '\n',
    '\0',
    '.git',
    `${tmp}/w`,
    record,
    '[core]',
    'worktree=',
    '"',
    '\\',
  );
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.array(fc.oneof(line, fc.string()), { maxLength: 8 }).map((parts) => Buffer.from(parts.join(''))),
  );
  const places = [git, ...['HEAD', 'commondir', 'gitdir', 'config'].map((name) => join(record, name))];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), text, fc.boolean(), async (place, bytes, isLed) => {
      writeFileSync(place, place === git && isLed ? Buffer.concat([Buffer.from('gitdir: '), bytes]) : bytes);
      const { unseen } = await findWork(tmp);
      assert.equal(unseen, undefined);
      writeFileSync(git, `gitdir: ${record}\n`);
    }),
  );
});

test('the worktree made by hand is work: what is temp above is so for its own sake', async (t) => {
  const { found } = byHand(t);
  assert.deepEqual(await found(), ['worktree']);
});

describe('doubt keeps', { skip: asRoot }, () => {
  test('where the repository may not be looked into', async (t) => {
    const { dir, found } = byHand(t);
    await whileClosed(join(dir, 'repo'), async () => assert.deepEqual(await found(), ['worktree']));
  });

  test('where the place that the record names may not be looked into', async (t) => {
    const { dir, record, found } = byHand(t);
    const other = join(dir, 'other');
    mkdirSync(other);
    writeFileSync(join(record, 'gitdir'), `${other}/w/.git\n`);
    await whileClosed(other, async () => assert.deepEqual(await found(), ['worktree']));
  });

  test('where .git may not be read: it cannot be told', async (t) => {
    const { git, found } = byHand(t);
    chmodSync(git, 0);
    assert.deepEqual(await found(), ['unseen w/.git']);
  });
});

test('a repository in the TMPDIR that may not be looked into is temp like all there', {
  skip: asRoot,
}, async (t) => {
  const { tmp, dir, git, found } = byHand(t);
  mkdirSync(join(tmp, 'closed'));
  renameSync(join(dir, 'repo'), join(tmp, 'closed/repo'));
  writeFileSync(git, 'gitdir: ../closed/repo/.git/worktrees/w\n');
  await whileClosed(join(tmp, 'closed'), async () => assert.deepEqual(await found(), []));
});

test('directories of ours that we may not read are looked into, and are as they were afterwards', {
  skip: asRoot,
}, async (t) => {
  const { tmp, found } = byHand(t);
  mkdirSync(join(tmp, 'a/b'), { recursive: true });
  renameSync(join(tmp, 'w'), join(tmp, 'a/b/w'));
  const closed: [string, number][] = [
    ['a/b/w', 0],
    ['a/b', 0o100],
    ['a', 0o200],
  ];
  for (const [path, mode] of closed) chmodSync(join(tmp, path), mode);
  assert.deepEqual(await found(), ['worktree']);
  for (const [path, mode] of closed.toReversed()) {
    assert.equal(statSync(join(tmp, path)).mode & 0o777, mode, path);
    chmodSync(join(tmp, path), 0o700);
  }
});

test('links are not followed, neither to the top nor below', async (t) => {
  const { tmp, dir } = byHand(t);
  renameSync(tmp, `${tmp}.real`);
  symlinkSync(`${tmp}.real`, tmp);
  assert.deepEqual(await findWork(tmp), { work: [], repositories: [], unseen: undefined });
  mkdirSync(join(dir, 'other'));
  symlinkSync(`${tmp}.real/w`, join(dir, 'other/link'));
  assert.deepEqual(await findWork(join(dir, 'other')), { work: [], repositories: [], unseen: undefined });
});

test('a TMPDIR that is gone has no work', async (t) => {
  const { tmp } = byHand(t);
  assert.deepEqual(await findWork(join(tmp, 'none')), { work: [], repositories: [], unseen: undefined });
  writeFileSync(join(tmp, 'file'), '');
  assert.deepEqual(await findWork(join(tmp, 'file')), { work: [], repositories: [], unseen: undefined });
});

test('work is found below 1100 directories in each other, and behind them', async (t) => {
  const { tmp, found } = byHand(t);
  mkdirSync(join(tmp, 'a'));
  execFileSync(process.execPath, [fixture('deep-path.mjs'), join(tmp, 'a'), '1100']);
  for (const name of ['b', 'z']) mkdirSync(join(tmp, 'a', name));
  renameSync(join(tmp, 'w'), join(tmp, 'a/z/w'));
  try {
    assert.deepEqual(await found(), ['worktree']);
  } finally {
    execFileSync('rm', ['-rf', join(tmp, 'a')]); // too deep for Node
  }
});

test('as many directories side by side as one listing does not hold, in each other', async (t) => {
  const { tmp, found } = byHand(t);
  let dir = tmp;
  for (let level = 0; level < 2; level += 1) {
    for (let at = 0; at < 1_100; at += 1) mkdirSync(join(dir, LONG + at));
    writeFileSync(join(dir, 'file'), '');
    dir = join(dir, `${LONG}0`);
  }
  renameSync(join(tmp, 'w'), join(dir, 'w'));
  assert.deepEqual(await found(), ['worktree']);
});

test('no descriptor stays open', async (t) => {
  const { tmp, found } = byHand(t);
  mkdirSync(join(tmp, 'a'));
  execFileSync(process.execPath, [fixture('deep-path.mjs'), join(tmp, 'a'), '100']);
  const open = () => readdirSync('/proc/self/fd').length;
  await found();
  const before = open();
  for (let time = 0; time < 50; time += 1) await found();
  assert.ok(open() <= before);
});

test('out of time is told, and the event loop had its turns', async (t) => {
  const { tmp } = byHand(t);
  assert.notEqual((await findWork(tmp, { until: 0 })).unseen, undefined);
  let hasHadATurn = false;
  for (let at = 0; at < 500; at += 1) mkdirSync(join(tmp, `d${at}/x`), { recursive: true });
  setImmediate(() => {
    hasHadATurn = true;
  });
  await findWork(tmp);
  assert.ok(hasHadATurn);
});

test('directories that come and go meanwhile do no harm', async (t) => {
  const { tmp, found } = byHand(t);
  for (let at = 0; at < 100; at += 1) mkdirSync(join(tmp, `${at}/a/b`), { recursive: true });
  let isOver = false;
  const meddle = async () => {
    for (let at = 0; !isOver; at = (at + 1) % 100) {
      rmSync(join(tmp, `${at}`), { recursive: true, force: true });
      mkdirSync(join(tmp, `${(at + 50) % 100}/a/b`), { recursive: true });
      if (at % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const meddling = meddle();
  for (let time = 0; time < 10; time += 1) assert.ok((await found()).includes('worktree'));
  isOver = true;
  await meddling;
});

test('a directory that is swapped for a link before any call leads nowhere', async (t) => {
  const { dir, tmp, found } = byHand(t);
  const elsewhere = join(dir, 'elsewhere');
  const leaf = join(tmp, 'leaf');
  mkdirSync(join(elsewhere, 'worktrees'), { recursive: true });
  const swap = () => {
    renameSync(leaf, `${leaf}-away`);
    symlinkSync(elsewhere, leaf);
  };
  const isOutside = (path: string) => {
    try {
      return realpathSync(dirname(path)).startsWith(elsewhere);
    } catch {
      return false; // it is gone
    }
  };
  let [at, calls] = [0, 0];
  do {
    at += 1;
    calls = 0;
    for (const path of [leaf, `${leaf}-away`]) rmSync(path, { recursive: true, force: true });
    mkdirSync(leaf);
    const asked: string[] = [];
    const mocks = (['lstatSync', 'openSync', 'opendirSync', 'readdirSync'] as const).map((name) => {
      const real = fs[name] as (path: string, ...rest: unknown[]) => unknown;
      return t.mock.method(fs, name, ((path: string, ...rest: unknown[]) => {
        calls += 1;
        if (calls === at) swap();
        if (isOutside(name.endsWith('dirSync') ? `${path}/.` : path)) asked.push(`${name} ${path}`);
        return real(path, ...rest);
      }) as never);
    });
    assert.deepEqual([await found(), asked], [['worktree'], []], `${at}`);
    for (const { mock } of mocks) mock.restore();
  } while (calls >= at);
});

describe('with git', { skip: noGit() }, () => {
  test('of a thousand worktrees more are not listed: it is partial', async (t) => {
    const scene: GitScene = gitScene(t);
    const store = join(scene.home, 'store');
    scene.git(scene.home, 'init', '-q', '--bare', 'store');
    mkdirSync(join(scene.tmp, 'first'));
    writeFileSync(join(scene.tmp, 'first/.git'), `gitdir: ${store}\n`);
    for (let at = 0; at < 1_001; at += 1) {
      mkdirSync(join(scene.tmp, `${at}`));
      linkSync(join(scene.tmp, 'first/.git'), join(scene.tmp, `${at}/.git`));
    }
    const { work, unseen } = await findWork(scene.tmp);
    assert.deepEqual([work.length, unseen !== undefined], [1_000, true]);
  });
});
