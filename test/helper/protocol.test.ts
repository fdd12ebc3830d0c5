// What a server and its helper say to each other: any answer comes whole, in lines of bounded length.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { QwRunError } from '#src/errors.js';
import { answerLines, asError, asPlain, linesOf, type Message } from '#src/helper/protocol.js';

/** What a server makes of it. */
async function heard(lines: Iterable<string>, pieces = 7): Promise<object> {
  const text = Buffer.from([...lines].join(''));
  const chunks = Array.from({ length: Math.ceil(text.length / pieces) }, (_, at) =>
    text.subarray(at * pieces, (at + 1) * pieces),
  );
  const lists = new Map<string, unknown[]>();
  for await (const line of linesOf(Readable.from(chunks, { objectMode: false }))) {
    const message = JSON.parse(line) as Message;
    if ('list' in message) lists.set(message.list, [...(lists.get(message.list) ?? []), ...message.items]);
    if ('result' in message) return { ...message.result, ...Object.fromEntries(lists) };
  }
  throw new Error('no result');
}

test('an answer comes as it was, whatever is in it and however the bytes are cut', async () => {
  const answer = fc.dictionary(
    fc.stringMatching(/^\w+$/).filter((name) => name !== '__proto__'),
    fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())),
  );
  await fc.assert(
    fc.asyncProperty(answer, fc.integer({ min: 1, max: 50 }), async (value, pieces) => {
      const asJson = JSON.parse(JSON.stringify(value)) as object;
      assert.deepEqual(await heard(answerLines(1, asJson), pieces), asJson);
    }),
    { numRuns: 200 },
  );
});

test('a long list comes in lines of bounded length', async () => {
  const sessions = Array.from({ length: 5_000 }, (_, at) => ({ id: at, text: 'x'.repeat(100) }));
  const lines = [...answerLines(1, { version: 1, sessions })];
  assert.ok(lines.every(({ length }) => length < 64 * 1024));
  assert.ok(lines.length < 50, `${lines.length} lines`);
  assert.deepEqual(await heard(lines, 10_000), { version: 1, sessions });
});

test('what is longer than both sides agreed on is refused, by either', async () => {
  const huge = 'x'.repeat(17 * 1024 ** 2);
  assert.throws(() => [...answerLines(1, { kept: [huge] })], /kept is too long/);
  await assert.rejects(heard([huge], 2 ** 20), /too long/);
});

test('an error keeps its code, path and cause', () => {
  const error = asError(asPlain(new QwRunError('ERR_QW_ROOT_UNSAFE', 'not safe', { path: '/r' })));
  assert.ok(error instanceof QwRunError);
  assert.deepEqual([error.code, error.path, error.message], ['ERR_QW_ROOT_UNSAFE', '/r', 'not safe']);
  const cause = Object.assign(new Error('no such file'), { code: 'ENOENT', path: '/r' });
  const unusable = asError(asPlain(new QwRunError('ERR_QW_ROOT_UNUSABLE', 'no', { path: '/r', cause })));
  assert.ok(unusable.cause instanceof Error && !('cause' in error));
  assert.deepEqual(
    { ...unusable.cause, message: unusable.cause.message },
    { ...cause, message: cause.message },
  );
  const other = asError(asPlain(Object.assign(new Error('no'), { code: 'ENOENT' })));
  assert.deepEqual([(other as NodeJS.ErrnoException).code, other.message], ['ENOENT', 'no']);
  assert.equal(asError(asPlain('text')).message, 'text');
});
