// docs/quadwork.md: its code is the example's, which runs in test/examples; its settings, numbers and words are checked here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ReaperOptions, startReaper } from 'qw-run';
import { blocksOf } from '../helpers/documents.js';
import { startExample } from '../helpers/example-server.js';
import { qwTmp, repoRoot } from '../helpers/paths.js';
import { killed, openOwnerless } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const example = join(repoRoot, 'examples/quadwork');
const { reaperOptions } = createRequire(import.meta.url)(join(example, 'temp-cleanup.cjs')) as {
  reaperOptions(config?: unknown): ReaperOptions & { maxAge: number };
};
const document = readFileSync(join(repoRoot, 'docs/quadwork.md'), 'utf8');
const blocks = blocksOf('quadwork.md');
const inLanguage = (language: string) =>
  blocks.filter((block) => block.language === language).map(({ text }) => text);
const HOUR = 3_600_000;
const noNpm = spawnSync('npm', ['--version']).error !== undefined && 'no npm';

test('every block of code is in the example, word for word', () => {
  const code = readdirSync(example)
    .filter((name) => name.endsWith('.cjs'))
    .map((name) => readFileSync(join(example, name), 'utf8'));
  assert.ok(inLanguage('js').length > 5);
  for (const block of inLanguage('js'))
    assert.ok(
      code.some((text) => text.includes(block)),
      block,
    );
});

test('no block is of a kind that nobody tests', () => {
  const kinds = new Set(blocks.map(({ language }) => language));
  assert.deepEqual([...kinds].sort(), ['js', 'json', 'sh', 'text']);
  assert.deepEqual(inLanguage('sh').slice(0, -1), ['npm install && node examples/quadwork/server.cjs\n']);
});

test('with the host’s package alone, its command runs ours', { skip: noNpm }, (t) => {
  const { box, options } = scene(t);
  const bins = join(box.dir, 'lib/node_modules/quadwork/node_modules/.bin');
  mkdirSync(bins, { recursive: true });
  symlinkSync(qwTmp, join(bins, 'qw-tmp'));
  const env = { ...options.env, npm_config_prefix: box.dir };
  const { stdout, stderr } = spawnSync('sh', ['-c', inLanguage('sh').at(-1) ?? ''], {
    env,
    encoding: 'utf8',
  });
  assert.match(stdout, /^no sessions/, stderr);
});

describe('temp_cleanup', () => {
  const defaults = { enabled: true, maxAge: 72 * HOUR, orphans: 'end', legacy: true };
  const rows: [settings: unknown, changes: object][] = [
    [undefined, {}],
    [{}, {}],
    [{ enabled: true, max_age_hours: 72 }, {}],
    [{ enabled: false }, { enabled: false }],
    [{ enabled: 0 }, {}],
    [{ max_age_hours: 24 }, { maxAge: 24 * HOUR }],
    [{ max_age_hours: 0.5 }, { maxAge: HOUR / 2 }],
    ...[0, -1, '24', null, Number.NaN, Number.POSITIVE_INFINITY].map((max_age_hours): [unknown, object] => [
      { max_age_hours },
      {},
    ]),
  ];
  for (const [settings, changes] of rows) {
    test(`${JSON.stringify(settings)} means ${JSON.stringify(changes)}`, () => {
      assert.deepEqual(reaperOptions({ temp_cleanup: settings }), { ...defaults, ...changes });
    });
  }

  test('the settings in the document are those of the example, and the defaults', () => {
    const settings = inLanguage('json').find((text) => text.includes('temp_cleanup')) ?? '';
    const config = JSON.parse(readFileSync(join(example, 'config.json'), 'utf8'));
    assert.deepEqual(JSON.parse(settings), { temp_cleanup: config.temp_cleanup });
    assert.deepEqual(reaperOptions(JSON.parse(settings)), defaults);
    assert.deepEqual(reaperOptions(), defaults);
  });

  test('whatever somebody wrote there, the reaper takes it', () => {
    const some = fc.record({ enabled: fc.anything(), max_age_hours: fc.oneof(fc.double(), fc.anything()) });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), some), (settings) => {
        startReaper({ ...reaperOptions({ temp_cleanup: settings }), enabled: false }).stop();
      }),
    );
  });
});

test('the words of the operator are what the server says', async (t) => {
  const here = scene(t);
  const lost = await openOwnerless(here, 'mkdir "$TMPDIR/x"; echo "ready $$ "; exec sleep 600');
  await killed(lost.agent);
  const server = await startExample(here);
  await server.process.says(/qw-run: reaped/);
  await server.post('/api/agents/docs/head/start');
  await server.until('it left a server running', ({ agents }) => agents[2]?.session);
  await server.post('/api/agents/docs/head/stop');
  await server.shut();
  const shape = (text: string) => text.replace(/\d+/g, 'N').replace(/ended .*; TMPDIR/, 'ended …; TMPDIR');
  const said = server.process.stdout().trimEnd().split('\n').map(shape);
  assert.deepEqual(said.sort(), inLanguage('text').join('').trimEnd().split('\n').map(shape).sort());
});

test('it is required by a Node that cannot require ES modules, and the document says from which on', () => {
  const flags = process.allowedNodeEnvironmentFlags.has('--no-experimental-require-module')
    ? ['--no-experimental-require-module']
    : [];
  const script = 'console.log(typeof require("qw-run").openSession)';
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', script], {
    cwd: repoRoot,
    encoding: 'utf8',
  });
  assert.deepEqual([stdout, stderr], ['function\n', '']);
  const { engines } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'));
  assert.equal(engines.node, '>=20.3.0');
  assert.ok(document.includes('needs Node 20.3 or newer'));
});

test('the bytes that are left for a root below the launcher’s temp root', () => {
  const below = '/abcdefgh/tmp'.length;
  assert.ok(document.includes(`TMPDIR has 48 bytes at most, so \`root\` has at most ${48 - below}`));
  assert.ok('/var/tmp/qw2/qw'.length <= 48 - below);
});
