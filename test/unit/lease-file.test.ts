// Reading the lease of a session directory: a regular file of ours of at most 4 KiB that names this very session;
// links are not followed, a FIFO is not waited for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type FoundLease, overwriteLease, readAgain, readLease, writeLease } from '#src/lease/lease-file.js';
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
  const { version: _any, ...found } = readLease(dir) as FoundLease & { kind: 'good' };
  assert.deepEqual(found, { kind: 'good', lease: fullLease, heartbeatAt: 2_000_000 });
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

test('read again: what changed is seen, whether replaced, written over, touched or gone', (t) => {
  const { dir, file, aside } = session(t);
  later(t, 2_000);
  writeLease(dir, fullLease);
  const changes: [what: string, change: () => void, label: string | undefined][] = [
    ['replaced', () => writeLease(dir, { ...fullLease, label: 'second' }), 'second'],
    ['written over', () => overwriteLease(dir, { ...fullLease, label: 'third' }), 'third'],
    ['touched', () => utimesSync(file, 1_000, 3_000), 'third'],
  ];
  for (const [what, change, label] of changes) {
    const before = readLease(dir);
    const { ctimeMs } = statSync(file);
    do writeFileSync(aside, 'x');
    while (statSync(aside).ctimeMs <= ctimeMs); // the file system's clock has gone on
    change();
    const after = readAgain(dir, fullLease.id, before);
    assert.deepEqual(after, readLease(dir), what);
    assert.equal(after.kind === 'good' && after.lease.label, label, what);
  }
  const last = readLease(dir);
  rmSync(file);
  assert.deepEqual(readAgain(dir, fullLease.id, last), { kind: 'none' });
});

test('read again: one that did not change for a second is not opened', (t) => {
  const { dir } = session(t);
  writeLease(dir, fullLease);
  const found = readLease(dir);
  assert.notEqual(readAgain(dir, fullLease.id, found), found);
  later(t, 2_000);
  assert.equal(readAgain(dir, fullLease.id, found), found);
});

/** The clock goes on; times of files do not. */
function later(t: TestContext, ms: number): void {
  const { now } = Date;
  Date.now = () => now() + ms;
  t.after(() => {
    Date.now = now;
  });
}
