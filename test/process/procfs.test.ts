// What is read by the piece is whole, however it is cut, and nothing stays open.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { fs } from '#src/fs.js';
import { eachPiece, entriesOf } from '#src/process/procfs.js';
import { sandbox } from '../helpers/sandbox.js';

const LINES = ['a', '', 'ünï cödé', '\u{1f600}'.repeat(5), 'x'.repeat(100), 'last'];

for (const size of [1, 2, 3, 7, 1_000]) {
  for (const end of ['\n', '']) {
    test(`lines are whole in pieces of ${size} bytes, the last one with${end ? '' : 'out'} an end`, (t) => {
      const file = join(sandbox(t).cwd, 'file');
      writeFileSync(file, LINES.join('\n') + end);
      const { readSync } = fs;
      t.mock.method(fs, 'readSync', ((fd: number, buffer: Buffer) =>
        readSync(fd, buffer, 0, size, null)) as typeof readSync);
      const pieces: string[] = [];
      for (const _ of eachPiece(file, (lines) => pieces.push(lines)));
      assert.equal(pieces.join(''), LINES.join('\n') + end);
      for (const piece of pieces.slice(0, -1)) assert.ok(piece.endsWith('\n'), JSON.stringify(piece));
    });
  }
}

test('two files that are read in turns do not mix', (t) => {
  const { cwd } = sandbox(t);
  const texts = ['a', 'b'].map((name) => `${name.repeat(99)}\n`.repeat(2_000));
  const found = ['', ''];
  const readers = texts.map((text, at) => {
    writeFileSync(join(cwd, `${at}`), text);
    return eachPiece(join(cwd, `${at}`), (lines) => {
      found[at] += lines;
    });
  });
  while (readers.filter((reader) => !reader.next().done).length > 0);
  assert.deepEqual(found, texts);
});

test('a file that cannot be read gives nothing', (t) => {
  const { cwd } = sandbox(t);
  const never = () => assert.fail('it has lines');
  for (const _ of eachPiece(join(cwd, 'none'), never));
});

/** What a generator returns, and how often it yielded. */
function outcome<T>(steps: Generator<undefined, T>): { value: T; yields: number } {
  for (let yields = 0; ; yields += 1) {
    const { done, value } = steps.next();
    if (done) return { value, yields };
  }
}

test('a directory gives all its names, with yields in between; one that is gone gives none', (t) => {
  const { cwd } = sandbox(t);
  const names = Array.from({ length: 1_000 }, (_, at) => `f${at}`);
  for (const name of names) writeFileSync(join(cwd, name), '');
  const { value, yields } = outcome(entriesOf(cwd));
  assert.deepEqual(value?.sort(), names.sort());
  assert.ok(yields > 10, `${yields}`);
  assert.equal(outcome(entriesOf(join(cwd, 'none'))).value, undefined);
  mkdirSync(join(cwd, 'empty'));
  assert.deepEqual(outcome(entriesOf(join(cwd, 'empty'))).value, []);
});

const isCounted = statSync('/proc/self/fd').size > 0; // since Linux 6.2

test('a few descriptors are listed in one go, many by the piece', {
  skip: !isCounted && 'the kernel does not count them',
}, async (t) => {
  const opened = t.mock.method(fs, 'opendirSync').mock;
  const list = async (count: number) => {
    const dir = `/proc/${await idle(t, count)}/fd`;
    const { value, yields } = outcome(entriesOf(dir));
    assert.deepEqual(value?.sort(), readdirSync(dir).sort());
    return { yields, isByPiece: opened.callCount() > 0 };
  };
  assert.deepEqual(await list(0), { yields: 0, isByPiece: false });
  const { yields, isByPiece } = await list(200);
  assert.ok(yields >= 3 && isByPiece, `${yields}`);
});

/** The pid of a process with so many descriptors more than it needs. */
async function idle(t: TestContext, count: number): Promise<number> {
  const nothing = openSync('/dev/null', 'r+');
  const more = Array.from({ length: 1 + count }, () => nothing);
  const child = spawn('cat', { stdio: ['pipe', 'pipe', ...more] });
  t.after(() => child.kill('SIGKILL'));
  closeSync(nothing);
  child.stdin?.write('x');
  await once(child.stdout as Readable, 'data'); // it has loaded all it needs, and opens nothing more
  return child.pid as number;
}

test('nothing stays open', (t) => {
  const { cwd } = sandbox(t);
  writeFileSync(join(cwd, 'file'), 'x\n'.repeat(100_000));
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let times = 0; times < 20; times += 1) {
    outcome(eachPiece(join(cwd, 'file'), () => {}));
    outcome(entriesOf(cwd));
    for (const steps of [eachPiece(join(cwd, 'file'), () => {}), entriesOf('/proc/self/fd')]) {
      steps.next();
      steps.return(undefined as never); // given up halfway
    }
  }
  assert.equal(open(), before);
});
