// Many at once: sessions that start within a second, sessions under one server, dead ones at boot, few descriptors, many cycles.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { start } from '../../helpers/cli.js';
import { row, size, sized } from '../../helpers/conformance.js';
import { watchdogOf } from '../../helpers/owners.js';
import { fixture, qwRun } from '../../helpers/paths.js';
import { quoted } from '../../helpers/quoted.js';
import { deadOwner, forge, ids, killed, leaseOf, reapOnce } from '../../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../../helpers/scene.js';
import { waitUntil } from '../../helpers/wait-until.js';

const LONG = { timeoutMs: 240_000, everyMs: 100 };
const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;
const notFast = { skip: size === 'fast' ? 'npm run conformance' : false };

test('sessions that all start within a second', async (t) => {
  const here = scene(t);
  const count = sized({ fast: 8, full: 200 });
  const script =
    'echo "$QW_SESSION" >"$TMPDIR/mine" && [ "$(cat "$TMPDIR/mine")" = "$QW_SESSION" ] && exit 7';
  const gate = openGate(here);
  const all = Array.from({ length: count }, () => gate.waits([qwRun, 'sh', '-c', script]));
  await waitUntil('all are at the gate', () => all.every(({ said }) => said().includes('here')), LONG);
  const since = performance.now();
  gate.open();
  const ended = await Promise.all(all.map(({ done }) => done));
  assert.deepEqual([...new Set(ended.map(({ code, stderr }) => `${code}${stderr}`))], ['7']);
  const times = all.map(({ said }) => Number(/\d{9,}[.,]\d+/.exec(said())?.[0].replace(',', '.')));
  const within = Math.max(...times) - Math.min(...times);
  assert.ok(size === 'fast' || within < 1, `${within} s from the first exec to the last`);
  await here.nothingLeftSoon();
  row('load', [
    `sessions started within ${within.toFixed(2)} s`,
    count,
    `all ended as their agents, nothing left, ${seconds(since)}`,
  ]);
});

/** Where programs wait for each other: starting hundreds of them takes longer than a second. */
function openGate({ box, options }: Scene) {
  const fifo = join(box.dir, 'gate');
  spawnSync('mkfifo', [fifo]);
  const fd = openSync(fifo, 'r+');
  const wait = `exec 3<'${fifo}'; echo here; read -r <&3; echo "$EPOCHREALTIME"; exec "$@" 3<&-`;
  return {
    /** Lets all of them go. */
    open: () => closeSync(fd),
    waits: (args: string[]) => {
      const child = spawn('bash', ['-c', wait, 'bash', process.execPath, ...args], {
        ...options,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [out, err] = [child.stdout, child.stderr].map((stream) => text(stream)) as [
        () => string,
        () => string,
      ];
      const done = once(child, 'close').then(([code]) => ({ code, stderr: err() }));
      return { said: out, done };
    },
  };
}

function text(stream: NodeJS.ReadableStream): () => string {
  let all = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    all += chunk;
  });
  return () => all;
}

test('living sessions under one server, and its death', async (t) => {
  const here = scene(t);
  const count = sized({ fast: 5, full: 1_000 });
  const since = performance.now();
  const args = [String(count), 'while [ ! -e go ]; do sleep 1; done'];
  const server = start(fixture('serve-sessions.mjs'), args, {
    ...here.options,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await waitUntil('all are open', () => server.stdout().includes('ready'), LONG);
  const pid = await readyPid(server.says);
  const opened = seconds(since);
  assert.equal(ids(here.box).length, count);
  await watchdogOf(pid); // one for all of them
  const [memory, open] = [rssOf(pid), descriptors(pid)];
  assert.ok(open < 60, `${open} descriptors`);
  await killed(pid);
  assert.deepEqual((await reapOnce(here)).ids, []);
  assert.equal(ids(here.box).length, count, 'their agents live');
  const death = performance.now();
  letAllGo(here);
  await waitUntil('the watchdog has removed them', () => here.box.left().length === 0, LONG);
  await waitUntil('all agents have ended', () => here.processes().length === 0, LONG);
  row('load', [
    'living sessions under one server',
    count,
    `opened in ${opened}; ${mib(memory)}, ${open} descriptors, 1 watchdog`,
  ]);
  row('load', [
    'its SIGKILL, then their agents end',
    count,
    `all removed by the watchdog ${seconds(death)} later`,
  ]);
});

test('dead sessions at boot', async (t) => {
  const here = scene(t);
  const count = sized({ fast: 100, full: 10_000 });
  const owner = deadOwner();
  const names = Array.from({ length: count }, (_, n) => `dead${String(n).padStart(4, '0').slice(-4)}`);
  for (const id of names) forge(here.box, id, { lease: leaseOf(id, { owner }), files: ['a', 'b/c'] });
  const since = performance.now();
  const { report, code } = await reapOnce(here);
  assert.deepEqual([code, report.removed.length, report.failed], [0, count, []]);
  here.nothingLeft();
  row('load', ['dead sessions in a root at boot', count, `all removed by one pass, ${seconds(since)}`]);
});

test('a server with 256 descriptors and more sessions than that', notFast, async (t) => {
  const here = scene(t);
  const script = `ulimit -n 256; exec ${quoted(process.execPath, fixture('serve-sessions.mjs'))} 300 'exec sleep 600'`;
  const shell = start(
    '-e',
    [`require('child_process').spawn('sh', ['-c', process.argv[1]], { stdio: 'inherit' })`, script],
    {
      ...here.options,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  await waitUntil('all are open', () => shell.stdout().includes('ready'), LONG);
  shell.child.stdin?.write('end\n');
  await waitUntil('all have ended', () => shell.stdout().includes('ended'), LONG);
  shell.child.stdin?.end();
  await waitUntil('nothing is left', () => here.box.left().length === 0, LONG);
  row('load', ['sessions of a server with 256 descriptors', 300, 'opened and ended']);
});

test('a server out of descriptors: told, nothing lost, and well again when it has some', async (t) => {
  const here = scene(t);
  const script = `ulimit -n 256; exec ${quoted(process.execPath, fixture('out-of-descriptors.mjs'))}`;
  const shell = start(
    '-e',
    [`require('child_process').spawn('sh', ['-c', process.argv[1]], { stdio: 'inherit' })`, script],
    here.options,
  );
  const { stdout, stderr } = await shell.done;
  assert.equal(stderr, '');
  const { third, ended, last, descriptors: taken } = JSON.parse(stdout);
  assert.match(third, /^ERR_QW_|^EMFILE$/);
  assert.equal(last.state, 'removed');
  assert.ok(taken > 100);
  if (ended.state !== 'removed') assert.ok(ended.failed.length > 0, 'told');
  await waitUntil(
    'nothing is left',
    async () => (await reapOnce(here)).code === 0 && here.box.left().length === 0,
  );
  row('load', [
    'out of descriptors',
    taken,
    `opening: ${third}; ending: ${ended.state}, told; later all removed`,
  ]);
});

test('cycles of a server: memory and descriptors stay flat', notFast, async (t) => {
  const here = scene(t);
  const cycles = sized({ fast: 10, full: 1_000, long: 10_000 });
  const since = performance.now();
  const server = start('--expose-gc', [fixture('open-and-end.mjs'), String(cycles)], here.options);
  const { code, stdout, stderr } = await server.done;
  assert.equal(code, 0, stderr);
  const points = [...stdout.matchAll(/at (\d+) (\d+) (\d+) /g)].map(([, ...numbers]) => numbers.map(Number));
  const [[, before = 0, open = 0] = [], [, after = 0, openAfter = 0] = []] = [points[1], points.at(-1)];
  assert.equal(openAfter, open);
  assert.ok(after - before < 16 * 2 ** 20, `from ${mib(before)} to ${mib(after)}`);
  here.nothingLeft();
  row('load', [
    'open and end, one after the other',
    cycles,
    `${mib(before)} after a fifth, ${mib(after)} at the end; ${open} and ${openAfter} descriptors; ${seconds(since)}`,
  ]);
});

const letAllGo = ({ box }: Scene): void => writeFileSync(join(box.cwd, 'go'), '');
const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const rssOf = (pid: number): number =>
  4_096 * Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
