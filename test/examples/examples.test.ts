// Every example runs as a reader would run it, against the built package, says what it promises, and leaves nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { start } from '../helpers/cli.js';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { kill } from '../helpers/processes.js';
import { killed, openOwnerless } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const examples = join(repoRoot, 'examples');
const TMPDIR = '/[a-z0-9]{8}/tmp';
/** Who has just been started may not have got its own name yet: the shell and what it started. */
const TWO = '\\w+ and \\w+';

interface Output {
  code: number | null;
  stdout: string;
  stderr: string;
}

test('shell.sh: the status is the command’s, survivors are named, --keep keeps until rm', async (t) => {
  const here = scene(t);
  const bin = join(here.box.dir, 'bin');
  mkdirSync(bin);
  symlinkSync(qwRun, join(bin, 'qw-run'));
  symlinkSync(qwTmp, join(bin, 'qw-tmp'));
  const path = [bin, dirname(process.execPath), process.env['PATH']].join(delimiter);
  const { code, stdout, stderr } = await run(here, 'sh', [join(examples, 'shell.sh')], { PATH: path });
  assert.equal(code, 0, stderr);
  const root = here.box.root;
  assert.match(
    stdout,
    lines(
      `working in ${root}${TMPDIR}`,
      `${root}${TMPDIR}/tmp\\..*`,
      'exited with 7',
      'left a sleep running',
      'STATE +ID +LABEL +AGE +SIZE +PER MIN +COMMAND',
      'kept +[a-z0-9]{8} +trace +\\d+s .*',
      '',
      `${root}: .* free, .*`,
      'step 1 failed',
      'removed [a-z0-9]{8}',
    ),
  );
  assert.match(
    stderr,
    lines('qw-run: ended 1 left running: \\w+ \\(\\d+\\)', `qw-run: kept ${root}${TMPDIR}; .*`),
  );
  here.nothingLeft();
});

test('messy-agent.sh: litter, a read-only tree and a process left behind are gone after it', async (t) => {
  const here = scene(t);
  const agent = join(examples, 'messy-agent.sh');
  const { code, stdout, stderr } = await run(here, process.execPath, [qwRun, 'sh', agent]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^I am a messy agent, and this is mine: .*\nI leave \d+ entries, .* Bye\.\n$/);
  assert.match(stderr, lines('qw-run: ended 1 left running: \\w+ \\(\\d+\\)'));
  here.nothingLeft();
});

test('run.mjs: a command that fails is a result', async (t) => {
  const here = scene(t);
  const { code, stdout, stderr } = await node(here, 'run.mjs');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match(
    stdout,
    lines(`it made ${here.box.root}${TMPDIR}/tmp\\..*`, 'it exited with 3; its TMPDIR is removed'),
  );
  here.nothingLeft();
});

test('run.cjs: CommonJS starts an agent, stops it early and hears who was ended', async (t) => {
  const here = scene(t);
  const { code, stdout, stderr } = await node(here, 'run.cjs');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match(stdout, lines(`ended ${TWO} \\(SIGTERM\\); its TMPDIR is removed`));
  here.nothingLeft();
});

test('node-pty.cjs: a CommonJS server ends an agent in a pseudo-terminal and what left its session', async (t) => {
  const here = scene(t);
  const { code, stdout, stderr } = await node(here, 'node-pty.cjs');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match(stdout, lines(`ended ${TWO}; TMPDIR is removed`));
  here.nothingLeft();
});

test('await-using.ts: passes the type check of a project that installed us, and the session ends with its block', async (t) => {
  const here = scene(t);
  const project = here.box.cwd;
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(repoRoot, join(project, 'node_modules/qw-run'), 'dir');
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  copyFileSync(join(examples, 'await-using.ts'), join(project, 'await-using.ts'));
  const tsc = join(repoRoot, 'node_modules/typescript/bin/tsc');
  const types = join(repoRoot, 'node_modules/@types');
  const options = '--strict --module nodenext --target es2022 --lib es2023,esnext.disposable --types node';
  const compiled = await run(here, process.execPath, [
    tsc,
    ...options.split(' '),
    ...['--typeRoots', types, 'await-using.ts'],
  ]);
  assert.deepEqual(compiled, { code: 0, stdout: '', stderr: '' });
  const output = await run(here, process.execPath, ['await-using.js']);
  assert.deepEqual(output, { code: 0, stdout: '3 words; TMPDIR is gone\n', stderr: '' });
  here.nothingLeft(['await-using.js', 'await-using.ts', 'node_modules', 'package.json']);
});

test('keep-on-failure.mjs: a command that succeeds leaves nothing', async (t) => {
  const here = scene(t);
  const output = await node(here, 'keep-on-failure.mjs', 'sh', '-c', 'echo fine > "$TMPDIR/log"');
  assert.deepEqual(output, { code: 0, stdout: '', stderr: '' });
  here.nothingLeft();
});

test('keep-on-failure.mjs: the TMPDIR of a command that fails is kept, until it is removed by name', async (t) => {
  const here = scene(t);
  const { code, stderr } = await node(
    here,
    'keep-on-failure.mjs',
    'sh',
    '-c',
    'echo why > "$TMPDIR/log"; exit 3',
  );
  assert.equal(code, 1);
  const [id = ''] = here.box.left();
  const tmpdir = join(here.box.root, id, 'tmp');
  assert.equal(stderr, `sh failed (3): see ${tmpdir}, then qw-tmp rm ${id}\n`);
  assert.equal(readFileSync(join(tmpdir, 'log'), 'utf8'), 'why\n');
  const removed = await run(here, process.execPath, [qwTmp, 'rm', id]);
  assert.deepEqual(removed, { code: 0, stdout: `removed ${id}\n`, stderr: '' });
  here.nothingLeft();
});

test('server-boot.cjs: what a dead owner left is reaped at boot, and SIGTERM ends its agent, then the server', async (t) => {
  const here = scene(t);
  const { agent } = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
  await killed(agent);
  const env = { ...here.options.env, QW_LEGACY: 'off' };
  const server = start(join(examples, 'server-boot.cjs'), [], { ...here.options, env });
  await server.says(/listening on \d+\n/);
  await server.says('reaped 1 sessions, kept 0\n');
  await waitUntil('its agent works', () =>
    here.box.left().some((id) => existsSync(join(here.box.root, id, 'tmp/ready'))),
  );
  kill(server.pid, 'SIGTERM');
  const { code, stderr } = await server.done;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  here.nothingLeft();
});

test('dry-run-report.mjs: says what would go and what stays, and changes nothing', async (t) => {
  const here = scene(t);
  const lost = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
  const used = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
  await killed(lost.agent);
  const { code, stdout, stderr } = await node(here, 'dry-run-report.mjs');
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match(stdout, new RegExp(`^${lost.id} would go: owner-dead$`, 'm'));
  assert.match(stdout, new RegExp(`^${used.id} stays: held, agent-alive$`, 'm'));
  assert.match(stdout, /^\d+ bytes would be free$/m);
  assert.deepEqual(here.box.left().sort(), [lost.id, used.id].sort());
});

test('examples stay short, and each is run by some test', () => {
  const sources = readdirSync(join(repoRoot, 'test/examples')).map((name) =>
    readFileSync(join(repoRoot, 'test/examples', name), 'utf8'),
  );
  for (const entry of readdirSync(examples, { withFileTypes: true }))
    assert.ok(sources.join('').includes(`test('${entry.name}: `), `no test is named after ${entry.name}`);
  for (const path of readdirSync(examples, { recursive: true, encoding: 'utf8' })) {
    if (!statSync(join(examples, path)).isFile() || path.endsWith('.css')) continue;
    const length = readFileSync(join(examples, path), 'utf8').trimEnd().split('\n').length;
    const most = path.includes('/') ? 120 : 30; // what is in a directory is a program of several files
    assert.ok(length <= most, `${path} has ${length} lines, more than ${most}`);
  }
});

const node = (here: Scene, name: string, ...args: string[]): Promise<Output> =>
  run(here, process.execPath, [join(examples, name), ...args]);

async function run(
  { options }: Scene,
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Output> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...options.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

/** Exactly these lines. */
const lines = (...patterns: string[]): RegExp =>
  new RegExp(`^${patterns.map((line) => `${line}\\n`).join('')}$`);
