// What agents left in /tmp without us: what one agent made for itself is told, and taken with --legacy once it is stale;
// what others share stays.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { LEGACY, leave, left, legacy, SESSION, UUID } from '../helpers/legacy.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { picture, put } from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url);
const ALL = Object.keys(LEGACY).sort();

/** Files of what never goes. */
const never = [
  'tmp.AbCdEfGhIj',
  'tmp.KlMnOpQrSt/file',
  '.git/config',
  '.agents/x',
  '.codex/x',
  '.aws/x',
  'cc-socks/4711.txt',
  'cc-socks-0/x',
  'cc-daemon-0/hash/x',
  'codex-daemon-0/x',
  'codex-bwrap-synthetic-mount-targets-0/lock',
  `claude/-home-me-project/${UUID}/tasks/b1.output`,
  'claude-host-0/x',
  'claude-mcp-browser-bridge-root/x',
  'claude-0/-home-me-project/notes.txt',
  'claude-0/-home-me-project/not-a-session/tasks/b1.output',
  `claude-0/${UUID}/too-high`,
  'claude-0/clone/.git/config',
  'claude-0/output/build.log',
  'claude-0/.hidden',
  'claude-0/held.lock',
  `claude-61017/-home-me-project/${UUID}/tasks/b1.output`,
  'my-own-file',
  'node-compile-cache/x',
  'opencode/x',
  '.bun-0-1a2b3c.node',
  '.libmine-00000000.so',
  // Somebody's work.
  'gemini-shell-scripts/src/a.sh',
  'claude-empty-cart-bug/notes.md',
  'claude-and-me-cwd/a',
  'claude-empty-AbCdEf/notes.md',
  'claude-dead-cwd/notes.md',
];

test('without --legacy it is only told, with --dry-run too, and nothing changes', { skip }, async (t) => {
  const { reap } = legacy(t);
  for (const entry of ALL) leave(entry);
  const before = picture('/tmp').filter((line) => /^(claude|gemini)/.test(line));
  for (const [args, key] of [
    [[], 'told'],
    [['--dry-run'], 'told'],
    [['--legacy', '--dry-run'], 'swept'],
  ] as const) {
    const result = await reap([...args]);
    assert.equal(result.code, 0);
    assert.deepEqual(result[key], ALL);
    assert.deepEqual(
      picture('/tmp').filter((line) => /^(claude|gemini)/.test(line)),
      before,
    );
  }
});

test('--legacy takes what one agent made for itself, and never what is shared', { skip }, async (t) => {
  const { reap } = legacy(t);
  for (const entry of ALL) leave(entry);
  for (const file of never) put(join('/tmp', file));
  const { code, report, swept, told } = await reap(['--legacy']);
  assert.deepEqual([code, report.failed, told], [0, [], []]);
  assert.deepEqual(swept, ALL);
  assert.deepEqual(left(ALL), []);
  assert.deepEqual(left(never), never);
  assert.ok(existsSync(dirname(join('/tmp', SESSION))), 'parents stay');
  assert.ok(report.bytes > 0 && report.entries >= ALL.length);
  assert.deepEqual((await reap(['--legacy'])).swept, []);
});

test('what was used within max age stays', { skip }, async (t) => {
  const { reap } = legacy(t);
  for (const entry of ALL) leave(entry);
  assert.deepEqual((await reap(['--legacy'], 71)).swept, []);
  assert.deepEqual((await reap(['--legacy', '--max-age', '1h'], 0)).swept, []);
  assert.deepEqual((await reap(['--legacy', '--max-age', '1s'], 0.9)).swept, [], 'never below an hour');
  assert.deepEqual(left(ALL), ALL);
  assert.deepEqual((await reap(['--legacy', '--max-age', '1h'], 2)).swept, ALL);
});
