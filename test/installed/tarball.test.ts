// What a user installs: the tarball holds what it needs and no more, its metadata suits every resolver, npm has nothing to warn of,
// and in an empty project it can be imported, required, run and compiled against, also by the other versions of Node it names.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { nodeOf, notInstalled, npm9 } from '../helpers/nodes.js';
import { repoRoot } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';

interface Output {
  status: number | null;
  stdout: string;
  stderr: string;
}

const project = mkdtempSync('/tmp/q-');
after(() => rmSync(project, { recursive: true, force: true }));
/** Now 738,000 bytes: who makes it larger looks at what for, and says so here. */
const LARGEST_PACKED = 830_000; // the launcher is 20,000 of it
const IMPORT = "import('qw-run').then((api) => console.log(Object.keys(api).sort().join()))";
const REQUIRE = "console.log(Object.keys(require('qw-run')).sort().join())";
const NAMES =
  'QwRunError,doctor,listSessions,openSession,profile,readReceipts,reap,removeSession,runAgent,startReaper\n';

function run(file: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = process.env): Output {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, env, encoding: 'utf8', timeout: 600_000 });
  return { status, stdout, stderr };
}

/** npm with a cache of its own, and nothing of the npm that runs us. */
function npm(args: string[], cwd: string, [file = 'npm', ...before]: string[] = []): Output {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_registry|config_cafile)|NODE_(?!EXTRA)|INIT_CWD)/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), npm_config_cache: join(project, 'cache') };
  const all = [...before, ...args, '--no-audit', '--no-fund', '--no-update-notifier'];
  const output = run(file, all, cwd, env);
  assert.equal(output.status, 0, output.stderr);
  return output;
}

/** `dist` as it is built: no script of the package runs. */
function pack(): { tarball: string; files: string[]; size: number } {
  const copy = join(project, 'copy');
  mkdirSync(copy);
  for (const name of ['dist', 'src', 'docs', 'examples', 'test', 'README.md', 'LICENSE', 'package.json'])
    if (existsSync(join(repoRoot, name))) cpSync(join(repoRoot, name), join(copy, name), { recursive: true });
  const { stdout } = npm(['pack', '--ignore-scripts', '--json'], copy);
  const said = JSON.parse(stdout) as Record<string, Packed> | Packed[];
  const [packed] = Object.values(said) as [Packed];
  const { filename, size } = packed;
  return { tarball: join(copy, filename), files: packed.files.map(({ path }) => path), size };
}

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}

/** What a server does, and what it finds of a method that this Node has no name for. */
const SERVE = `const { openSession, runAgent, listSessions, reap } = require('qw-run');
const { readFileSync } = require('fs');
const programs = () => readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim().split(' ')
  .map((pid) => readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('/').pop().replace('\\0', ''));
(async () => {
  const session = await openSession({ label: 'tab' });
  const { sessions } = await listSessions();
  const helper = programs();
  const { state } = await session.end();
  const { result } = await runAgent('sh', ['-c', 'echo $QW_SESSION; exit 3']);
  const { exitCode, stdout } = await result;
  await reap();
  const disposed = await openSession();
  const isDisposable = 'asyncDispose' in Symbol;
  if (isDisposable) await disposed[Symbol.asyncDispose]();
  else await disposed.end();
  const said = { labels: sessions.map(({ label }) => label), helper, state, exitCode, isAgent: /^[a-z0-9]{8}$/.test(stdout),
    isDisposable, isNamed: isDisposable === Object.getOwnPropertySymbols(disposed).includes(Symbol.asyncDispose),
    undefineds: Object.keys(disposed).filter((key) => key === 'undefined') };
  console.log(JSON.stringify(said));
})()`;
const SERVED = {
  labels: ['tab'],
  helper: ['qw-helper.cjs'],
  state: 'removed',
  exitCode: 3,
  isAgent: true,
  isNamed: true,
  undefineds: [],
};
const AWAIT_USING = `const { openSession } = require('qw-run'); const { existsSync } = require('fs');
(async () => {
  let dir;
  { await using session = await openSession(); dir = session.dir; console.log(existsSync(dir)); }
  console.log(existsSync(dir));
})()`;

/** Both bins and both ways in, under some Node; what they print, and that they warn of nothing. */
function works({ options, nothingLeft }: Scene, node: string): void {
  const bin = join(project, 'app/node_modules/.bin');
  const env = { ...options.env, PATH: [dirname(node), process.env['PATH']].join(':') };
  const app = join(project, 'app');
  const loud = ['--trace-warnings', '-e'];
  for (const way of [IMPORT, REQUIRE])
    assert.deepEqual(run(node, [...loud, way], app, env), { status: 0, stdout: NAMES, stderr: '' });
  const customer = join(app, 'node_modules/customer/index.cjs');
  assert.deepEqual(run(node, [customer], app, env), { status: 0, stdout: NAMES, stderr: '' });
  const served = run(node, [...loud, SERVE], app, env);
  assert.deepEqual([served.status, served.stderr], [0, '']);
  const { isDisposable, ...rest } = JSON.parse(served.stdout);
  assert.deepEqual(rest, SERVED);
  const canUse = run(node, ['-e', 'async () => { await using x = null; }'], app, env).status === 0;
  assert.ok(isDisposable || !canUse);
  if (canUse)
    assert.deepEqual(run(node, [...loud, AWAIT_USING], app, env), {
      status: 0,
      stdout: 'true\nfalse\n',
      stderr: '',
    });
  const script = 'echo "$TMPDIR" > "$TMPDIR/x"; echo "in $QW_SESSION"; exit 3';
  const wrapped = run(join(bin, 'qw-run'), ['sh', '-c', script], options.cwd, env);
  assert.equal(wrapped.status, 3, wrapped.stderr);
  assert.match(wrapped.stdout, /^in [a-z0-9]{8}\n$/);
  assert.equal(wrapped.stderr, '');
  const list = run(join(bin, 'qw-tmp'), ['list', '--json'], options.cwd, env);
  assert.deepEqual([list.status, list.stderr], [0, '']);
  assert.deepEqual(JSON.parse(list.stdout).sessions, []);
  const doctor = run(join(bin, 'qw-tmp'), ['doctor'], options.cwd, env);
  assert.match(doctor.stdout, /nothing to do|qw-tmp/, doctor.stderr);
  nothingLeft();
}

const CONSUMER = `import { openSession, QwRunError, type QwRunErrorCode, runAgent, type Session } from 'qw-run';
export async function serve(): Promise<QwRunErrorCode | undefined> {
  try {
    const session: Session = await openSession({ label: 'tab', command: ['claude'] });
    const { state } = await session.end();
    const { subprocess, result } = await runAgent('true', [], { execa: { timeout: 5, encoding: 'buffer' } });
    const pid: number | undefined = subprocess.pid;
    const { failure }: { failure: string | undefined } = await result;
    return pid && state === 'removed' && !failure ? undefined : 'ERR_QW_USAGE';
  } catch (error) {
    return error instanceof QwRunError ? error.code : undefined;
  }
}
// @ts-expect-error
void openSession({ label: 5 });
// @ts-expect-error
void runAgent('true', [], { execa: { timeout: 'long' } });
`;

describe('the tarball', () => {
  const { tarball, files, size } = pack();
  const app = join(project, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"private":true}');
  const installed = npm(['install', '--prefer-offline', tarball], app);
  mkdirSync(join(app, 'node_modules/customer'));
  writeFileSync(join(app, 'node_modules/customer/index.cjs'), REQUIRE);

  test('holds the bundles, the types, what the README links to, and no more', () => {
    const others = files.filter(
      (path) => !/^(docs\/(evidence\/)?[^/]+\.md$|examples\/|dist\/types\/)/.test(path),
    );
    const bins = ['qw-helper', 'qw-run', 'qw-run-main', 'qw-tmp', 'qw-tmp-main', 'qw-watchdog'];
    const expected = [
      ...['LICENSE', 'README.md', 'package.json', 'dist/index.cjs', 'dist/exports.cjs'],
      ...['dist/index.mjs', 'dist/index.d.mts'],
      ...[
        ...bins.map((name) => `${name}.cjs`),
        ...['qw-exec', 'qw-prep.sh', 'qw-follow.sh', 'qw-launcher.sh', 'qw-watchdog.sh', 'qw-tell.sh'],
        'gemini-defaults.json',
      ].map((name) => `dist/bin/${name}`),
    ];
    assert.deepEqual(others.sort(), expected.sort());
    const types = files.filter((path) => path.startsWith('dist/types/') && !path.endsWith('.d.ts'));
    assert.deepEqual(types, ['dist/types/package.json']);
  });

  test(`has at most ${LARGEST_PACKED} bytes`, () => {
    assert.ok(size <= LARGEST_PACKED, `${size} bytes`);
  });

  test('holds whatever the README links to, and the documents among themselves', () => {
    const documents = files.filter((path) => path.endsWith('.md'));
    assert.ok(documents.length > 10);
    for (const document of documents) {
      const text = readFileSync(join(app, 'node_modules/qw-run', document), 'utf8');
      const targets = [...text.matchAll(/\]\(([^)\s#]+)/g)].map(([, target = '']) => target);
      assert.ok(targets.length > 0 || document !== 'README.md');
      for (const target of targets.filter((one) => !/^[a-z]+:/.test(one))) {
        const path = join(dirname(document), target);
        if (/^(src|test)\//.test(path) && document !== 'README.md') continue; // in the repository only
        assert.ok(
          files.some((file) => file === path || file.startsWith(join(path, '/'))),
          `${document} links to ${target}`,
        );
      }
    }
  });

  test('needs nothing beside it but Node', () => {
    for (const path of files.filter((one) => one.endsWith('.cjs') && one.startsWith('dist/'))) {
      const text = readFileSync(join(app, 'node_modules/qw-run', path), 'utf8');
      const needed = [...text.matchAll(/\b(?:require|import)\(["']([^"']+)["']\)/g)].map(
        ([, name = '']) => name,
      );
      assert.ok(needed.length > 0);
      for (const name of needed)
        assert.ok(
          [...builtinModules, './index.cjs'].includes(name.replace(/^node:/, '')),
          `${path}: ${name}`,
        );
    }
  });

  for (const [name, script, args] of [
    ['publint', 'publint/src/cli.js', ['run', tarball, '--strict']],
    ['attw', '@arethetypeswrong/cli/dist/index.js', [tarball, '--no-emoji']],
  ] as const)
    test(`has metadata that suits every resolver, says ${name}`, () => {
      const { status, stdout, stderr } = run(
        process.execPath,
        [join(repoRoot, 'node_modules', script), ...args],
        project,
      );
      assert.equal(status, 0, stdout + stderr);
    });

  test('is installed without a warning', () => {
    assert.equal(installed.stderr, '');
  });

  const node203 = nodeOf('20.3');
  const npmThen = npm9();
  test('so it is by Node 20.3 and its npm', {
    skip: !(node203 && npmThen) && notInstalled('20.3 and npm 9'),
  }, () => {
    const place = join(project, 'npm-9');
    mkdirSync(place);
    writeFileSync(join(place, 'package.json'), '{"private":true}');
    const { stderr } = npm(['install', tarball], place, [node203 as string, npmThen as string]);
    assert.equal(stderr, '');
  });

  for (const [name, module] of [
    ['a.ts', 'node16'],
    ['b.cts', 'node16'],
    ['c.mts', 'node16'],
    ['d.ts', 'nodenext'],
    ['e.mts', 'nodenext'],
  ] as const) {
    test(`compiles as ${name} with module: ${module}`, () => {
      writeFileSync(join(app, name), CONSUMER);
      const types = join(repoRoot, 'node_modules/@types');
      const tsc = join(repoRoot, 'node_modules/typescript/bin/tsc');
      const flags = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,esnext.disposable'];
      const what = ['--module', module, '--types', 'node', '--typeRoots', types, '--ignoreConfig', name];
      const { status, stdout, stderr } = run(process.execPath, [tsc, ...flags, ...what], app);
      assert.equal(status, 0, stdout + stderr);
    });
  }

  test('has the version in both bins that it has in package.json', () => {
    const { version } = JSON.parse(readFileSync(join(app, 'node_modules/qw-run/package.json'), 'utf8'));
    for (const bin of ['qw-run', 'qw-tmp']) {
      const { status, stdout } = run(join(app, 'node_modules/.bin', bin), ['--version'], app);
      assert.equal(status, 0);
      assert.ok(stdout.includes(version), stdout);
    }
  });

  test(`works in an empty project under Node ${process.versions.node}`, (t) => {
    works(scene(t), process.execPath);
  });

  for (const version of ['20.3', '20.19', '22.11', '22', '24']) {
    const node = nodeOf(version);
    test(`works under Node ${version}`, { skip: !node && notInstalled(version) }, (t) => {
      works(scene(t), node as string);
    });
  }
});
