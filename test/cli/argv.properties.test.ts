// Whatever the child is to be told reaches it untouched, for any arguments at all.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { splitArgv } from '#src/cli/argv.js';
import { QwRunError } from '#src/errors.js';

const FLAGS = ['keep', 'no-wait', 'no-tell', 'no-watchdog', 'quiet', 'version', 'help'];
const VALUED = ['root', 'label', 'backend', 'grace', 'survivors'];
const NASTY = [
  '--',
  '-',
  '',
  '--help',
  '-h',
  '--root',
  '--label=x',
  '--no-such',
  '-xyz',
  '--__proto__',
  '=',
  '-p',
];
const word = fc.oneof(fc.constantFrom(...NASTY), fc.string(), fc.string({ unit: 'binary' }));
const option = fc.oneof(
  fc.constantFrom(...FLAGS).map((name) => [`--${name}`]),
  fc.constantFrom('-h').map((name) => [name]),
  fc
    .tuple(fc.constantFrom(...VALUED, 'spare'), fc.stringMatching(/^[^-]+$/))
    .map(([name, value]) => [`--${name}`, value]),
  fc
    .tuple(fc.constantFrom(...VALUED, 'spare'), fc.string({ minLength: 1 }))
    .map(([name, value]) => [`--${name}=${value}`]),
);
const head = fc.array(option, { maxLength: 4 }).map((options) => options.flat());

describe('any tail is handed on as it is', () => {
  const runs = { numRuns: 400 };
  test('behind a command', () => {
    const name = fc.string().filter((text) => !text.startsWith('-') || text === '-');
    const same = (before: string[], command: string, tail: string[]) =>
      assert.deepEqual(splitArgv([...before, command, ...tail]).command, [command, ...tail]);
    fc.assert(fc.property(head, name, fc.array(word), same), runs);
  });
  test('behind --', () => {
    const same = (before: string[], tail: string[]) =>
      assert.deepEqual(splitArgv([...before, '--', ...tail]).command, tail);
    fc.assert(fc.property(head, fc.array(word), same), runs);
  });
  test('any argv at all is split or told as misuse, and never changed', () => {
    const sane = (argv: string[]) => {
      const given = [...argv];
      try {
        const { command } = splitArgv(argv);
        assert.deepEqual(command, argv.slice(argv.length - command.length));
      } catch (error) {
        assert.ok(error instanceof QwRunError && error.code === 'ERR_QW_USAGE', String(error));
      }
      assert.deepEqual(argv, given);
    };
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            word,
            option.map(([first = '']) => first),
          ),
        ),
        sane,
      ),
      runs,
    );
  });
});
