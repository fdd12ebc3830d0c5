// Reading the lease of a session directory: a regular file of ours of at most 4 KiB that names this very session;
// links are not followed, a FIFO is not waited for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readLease, writeLease } from '#src/lease/lease-file.js';
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
