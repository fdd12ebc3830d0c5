// What a mistyped word may have meant; options in messages as they were typed; which session a word means.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readCommandLine } from '#src/cli/command-line.js';
import { asTyped } from '#src/cli/parse-options.js';
import { idsMeant } from '#src/cli/session-words.js';
import { QwRunError } from '#src/errors.js';
import { nearest } from '#src/nearest.js';

describe('the nearest word', () => {
  const words = ['--label', '--root', '--max-age', '--dry-run', '--low', 'list', 'reap'];
  for (const [typed, meant] of [
    ['--lable', ['--label']],
    ['--maxage', ['--max-age']],
    ['--max', ['--max-age']],
    ['lsit', ['list']],
    ['raep', ['reap']],
    ['quite-another', []],
    ['', []],
  ] as const)
    test(`to ${typed}`, () => assert.deepEqual(nearest(typed, words), meant));
  test('is found in any text, at once, and is one of the words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.array(fc.string()), (typed, some) => {
        const found = nearest(typed, some);
        assert.ok(found.length <= 3 && found.every((word) => some.includes(word)));
        if (typed.length >= 3 && some.includes(typed)) assert.ok(found.length > 0);
      }),
    );
  });
});

test('an option in a message is as it was typed, and nothing else is touched', () => {
  for (const [message, given, text] of [
    ['maxAge needs a duration, not "x"', ['max-age'], '--max-age needs a duration, not "x"'],
    ['maxAge needs a duration', ['grace'], 'maxAge needs a duration'],
    ['QW_GRACE needs a duration', ['grace'], 'QW_GRACE needs a duration'],
    ['size needs isolate tmpfs', ['size'], '--size needs --isolate tmpfs'],
    ['size needs a size, not "without isolate"', ['size'], '--size needs a size, not "without isolate"'],
    ['rooted', ['root'], 'rooted'],
    ['no such option', ['x[2J', 'a(b'], 'no such option'],
  ] as const)
    assert.equal(asTyped(message, given), text);
});

describe('the command', () => {
  const read = (line: string) => readCommandLine(line.split(' '));
  for (const [line, name, names] of [
    ['list', 'list', []],
    ['--root r --json ls', 'list', []],
    ['--orphans end reap', 'reap', []],
    ['reap --orphans end', 'reap', []],
    ['--orphans rm', 'rm', []],
    ['--force rm list', 'rm', ['list']],
    ['rm --root list rm', 'rm', ['rm']],
    ['-- rm --force', 'rm', ['--force']],
  ] as const)
    test(`of ${line}`, () => {
      const asked = read(line);
      assert.ok(asked.kind === 'run');
      assert.deepEqual([asked.command.name, asked.input.names], [name, names]);
    });
  test('of any words is run, explained or refused', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('list', 'rm', '--all', '--root', '--orphans', '-h', '--'),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        try {
          readCommandLine(argv);
        } catch (error) {
          assert.ok(error instanceof QwRunError && error.code === 'ERR_QW_USAGE', String(error));
        }
      }),
    );
  });
});

describe('the session meant', () => {
  const sessions = [
    { id: 'abcd0000', label: 'build' },
    { id: 'abcx0000', label: null },
    { id: 'buildxyz', label: 'abcx0000' },
  ];
  const meant = (...words: string[]) => idsMeant(words, sessions);
  test('is one: by id before all, by its beginning, by label', () => {
    assert.deepEqual(meant('abcx0000'), ['abcx0000'], 'an id goes before a label');
    assert.deepEqual(meant('abcd', 'abcd0000'), ['abcd0000']);
    assert.deepEqual(meant('nobodys0'), ['nobodys0'], 'it may be gone since');
  });
  for (const word of ['abc', 'build', 'ab', '', ' ', 'ABCD', 'abcd*', 'constructor'])
    test(`is refused for ${JSON.stringify(word)}`, () => {
      assert.throws(
        () => meant('abcd0000', word),
        (error) => {
          return (
            error instanceof QwRunError &&
            error.code === 'ERR_QW_USAGE' &&
            /nothing was done/.test(error.message)
          );
        },
      );
    });
  test('is never one that no part of the word names', () => {
    const ids = fc.array(fc.stringMatching(/^[a-c]{8}$/), { maxLength: 5 });
    fc.assert(
      fc.property(ids, fc.string({ maxLength: 9 }), (all, word) => {
        const known = all.map((id) => ({ id, label: null }));
        try {
          const [id] = idsMeant([word], known);
          assert.ok(id?.startsWith(word) && word.length >= 3);
        } catch (error) {
          assert.ok(error instanceof QwRunError, String(error));
        }
      }),
    );
  });
});
