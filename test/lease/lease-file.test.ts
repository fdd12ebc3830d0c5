// Reading the lease of a session directory: a regular file of ours of at most 4 KiB that names this very session;
// links are not followed, a FIFO is not waited for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { markEnding, overwriteLease, readLease, writeLease } from '#src/lease/lease-file.js';
import { fullLease } from '../helpers/full-lease.js';
import { sandbox } from '../helpers/sandbox.js';

const json = JSON.stringify(fullLease);

function session(t: TestContext): { dir: string; file: string; aside: string } {
  const box = sandbox(t);
  const dir = join(box.cwd, fullLease.id);
  mkdirSync(dir);
  return { dir, file: join(dir, 'lease.json'), aside: join(box.cwd, 'aside') };
}

test('a lease written is found, with its mtime as the heartbeat, private, and nothing beside it', (t) => {
  const { dir, file } = session(t);
  writeLease(dir, { ...fullLease, label: 'first' });
  writeLease(dir, fullLease);
  utimesSync(file, 1_000, 2_000);
  assert.deepEqual(readLease(dir), { kind: 'good', lease: fullLease, heartbeatAt: 2_000_000 });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dir), ['lease.json']);
});

test('a draft that somebody prepared as a link is not written through', (t) => {
  const { dir, file, aside } = session(t);
  writeFileSync(aside, 'precious');
  symlinkSync(aside, `${file}.${process.pid}`);
  writeLease(dir, fullLease);
  assert.equal(readLease(dir).kind, 'good');
  assert.equal(statSync(aside).size, 8);
});

test('a lease that is a link is replaced, not written through', (t) => {
  const { dir, file, aside } = session(t);
  writeFileSync(aside, 'precious');
  symlinkSync(aside, file);
  writeLease(dir, fullLease);
  assert.equal(readLease(dir).kind, 'good');
  assert.equal(statSync(aside).size, 8);
});

test('a lease written over where it lies is the new one, longer or shorter; another’s is left alone', (t) => {
  const { dir, file } = session(t);
  writeLease(dir, fullLease);
  const { ino } = statSync(file);
  for (const label of ['a longer label than before', 'short']) {
    overwriteLease(dir, { ...fullLease, label });
    const found = readLease(dir);
    assert.equal(found.kind === 'good' && found.lease.label, label);
    assert.equal(statSync(file).ino, ino);
  }
  const before = readFileSync(file, 'utf8');
  overwriteLease(dir, { ...fullLease, id: 'zzzz9999' });
  assert.equal(readFileSync(file, 'utf8'), before);
});

describe('a lease that is marked', () => {
  const modeOf = (file: string) => statSync(file).mode & 0o7777;
  const endingIn = (dir: string) => {
    const found = readLease(dir);
    return found.kind === 'good' ? found.lease.ending : found.kind;
  };
  const { ending: _before, ...lease } = fullLease;

  test('says that the end has begun, and not a byte of it has changed', (t) => {
    const { dir, file } = session(t);
    writeLease(dir, lease);
    const before = readFileSync(file, 'utf8');
    assert.equal(endingIn(dir), undefined);
    const since = Date.now();
    assert.equal(markEnding(dir, lease), true);
    assert.ok(Math.abs(Date.parse(endingIn(dir) ?? '') - since) < 60_000);
    assert.deepEqual([readFileSync(file, 'utf8'), modeOf(file)], [before, 0o1600]);
    writeLease(dir, { ...lease, ending: '2026-01-01T00:00:00.000Z' });
    assert.deepEqual([endingIn(dir), modeOf(file)], ['2026-01-01T00:00:00.000Z', 0o600]);
  });

  test('keeps the other bits, and does not say all where the lease is older than ours', (t) => {
    const { dir, file } = session(t);
    writeLease(dir, lease);
    chmodSync(file, 0o755);
    assert.deepEqual([markEnding(dir, { ...lease, label: 'newer' }), modeOf(file)], [false, 0o1755]);
    assert.notEqual(endingIn(dir), undefined);
  });

  test('leaves alone what else lies there; no link is followed, nothing is waited for', (t) => {
    const { dir, file, aside } = session(t);
    for (const text of ['precious', JSON.stringify({ ...lease, id: 'zzzz9999' })]) {
      writeFileSync(file, text, { mode: 0o755 });
      chmodSync(file, 0o755);
      assert.deepEqual([markEnding(dir, lease), modeOf(file)], [false, 0o755]);
    }
    writeFileSync(aside, 'precious');
    const mode = modeOf(aside);
    rmSync(file);
    symlinkSync(aside, file);
    assert.throws(() => markEnding(dir, lease), { code: 'ELOOP' });
    assert.equal(modeOf(aside), mode);
    rmSync(file);
    spawnSync('mkfifo', [file]);
    assert.equal(markEnding(dir, lease), false);
    rmSync(file);
    assert.throws(() => markEnding(dir, lease), { code: 'ENOENT' });
  });

  test('is none where the file system has no such bit', (t) => {
    const { dir, file } = session(t);
    writeLease(dir, lease);
    t.mock.method(fs, 'fchmodSync', () => {});
    assert.deepEqual([markEnding(dir, lease), modeOf(file)], [false, 0o600]);
  });
});

test('a lease of exactly 4096 bytes is read, one of 4097 is not', (t) => {
  const { dir, file } = session(t);
  writeFileSync(file, json.padEnd(4096));
  assert.equal(readLease(dir).kind, 'good');
  writeFileSync(file, json.padEnd(4097));
  assert.equal(readLease(dir).kind, 'bad');
});

describe('not a lease to rely on', () => {
  const table: [what: string, put: (file: string, aside: string) => unknown, kind: string][] = [
    ['nothing', () => {}, 'none'],
    ['a link to a good one', (file, aside) => link(aside, file, json), 'bad'],
    ['a link to nowhere', (file, aside) => symlinkSync(`${aside}/none`, file), 'bad'],
    ['a link to itself', (file) => symlinkSync(file, file), 'bad'],
    ['a link to an endless device', (file) => symlinkSync('/dev/zero', file), 'bad'],
    ['a FIFO', (file) => spawnSync('mkfifo', [file]), 'bad'],
    ['a directory', (file) => mkdirSync(file), 'bad'],
    ['an empty file', (file) => writeFileSync(file, ''), 'bad'],
    ['half of one', (file) => writeFileSync(file, json.slice(0, 100)), 'bad'],
    ['text', (file) => writeFileSync(file, 'hello'), 'bad'],
    ['bytes that are no text', (file) => writeFileSync(file, Buffer.from([0xff, 0xfe, 0])), 'bad'],
    ['another session', (file) => writeFileSync(file, json.replace('abcd1234', 'zzzz9999')), 'bad'],
    [
      'one of a newer version',
      (file) => writeFileSync(file, json.replace('"version":1', '"version":2')),
      'bad',
    ],
  ];
  for (const [what, put, kind] of table) {
    test(`${what}: ${kind}`, (t) => {
      const { dir, file, aside } = session(t);
      put(file, aside);
      const found = readLease(dir);
      assert.equal(found.kind, kind);
      if (found.kind === 'bad') assert.notEqual(found.why, '');
    });
  }
});

function link(aside: string, file: string, content: string): void {
  writeFileSync(aside, content);
  symlinkSync(aside, file);
}
