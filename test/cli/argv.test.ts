// `qw-run [options] [--] command [args…]`: everything from the first non-option on reaches the child untouched; what is
// before it is read strictly, and a mistake is told in one line.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { splitArgv } from '#src/cli/argv.js';
import { QwRunError } from '#src/errors.js';

const split = (...argv: string[]) => {
  const { options, command } = splitArgv(argv);
  return { options: { ...options }, command };
};

const FLAGS = ['keep', 'no-wait', 'no-tell', 'no-watchdog', 'quiet', 'version', 'help'];
const VALUED = ['root', 'label', 'backend', 'grace', 'survivors'];

describe('what is read', () => {
  const table: [argv: string[], options: object, command: string[]][] = [
    [[], {}, []],
    [['claude'], {}, ['claude']],
    [['claude', '-p', 'hi', '--quiet'], {}, ['claude', '-p', 'hi', '--quiet']],
    [['--quiet', 'claude', '--keep'], { quiet: true }, ['claude', '--keep']],
    [['--', 'claude', '-p'], {}, ['claude', '-p']],
    [['--quiet', '--', '--odd-name', '--keep'], { quiet: true }, ['--odd-name', '--keep']],
    [['--', '--'], {}, ['--']],
    [['claude', '--', 'x'], {}, ['claude', '--', 'x']],
    [['--', 'claude', '--', 'x', '--'], {}, ['claude', '--', 'x', '--']],
    [['--'], {}, []],
    [['--quiet', '--'], { quiet: true }, []],
    [['--label', 'a b', 'sh'], { label: 'a b' }, ['sh']],
    [['--label=a b', 'sh'], { label: 'a b' }, ['sh']],
    [['--label=--keep', 'sh'], { label: '--keep' }, ['sh']],
    [['--label=a=b', 'sh'], { label: 'a=b' }, ['sh']],
    [['--label', 'claude', 'codex'], { label: 'claude' }, ['codex']],
    [['--label', 'a', '--label', 'b', 'sh'], { label: 'b' }, ['sh']],
    [['--spare', 'a', '--spare=b,c', 'sh', '--spare', 'd'], { spare: ['a', 'b,c'] }, ['sh', '--spare', 'd']],
    [['--grace', '0', '--keep', 'sh'], { grace: '0', keep: true }, ['sh']],
    [['-h'], { help: true }, []],
    [['-'], {}, ['-']],
    [['', 'x'], {}, ['', 'x']],
    [['--help', 'x', '--no-such'], { help: true }, ['x', '--no-such']],
  ];
  for (const [argv, options, command] of table) {
    test(JSON.stringify(argv), () => assert.deepEqual(split(...argv), { options, command }));
  }
  for (const name of FLAGS) {
    test(`--${name} takes no value, so what follows is the command`, () => {
      assert.deepEqual(split(`--${name}`, 'no'), { options: { [name]: true }, command: ['no'] });
    });
  }
  for (const name of VALUED) {
    test(`--${name} takes its value as the next argument or after =`, () => {
      const expected = { options: { [name]: 'v' }, command: ['sh', `--${name}`] };
      assert.deepEqual(split(`--${name}`, 'v', 'sh', `--${name}`), expected);
      assert.deepEqual(split(`--${name}=v`, 'sh', `--${name}`), expected);
    });
  }
});

describe('told as misuse, naming what is wrong', () => {
  const table: [argv: string[], named: RegExp][] = [
    [['--no-such', 'sh'], /--no-such/],
    [['--no-such=1', 'sh'], /--no-such/],
    [['-x', 'sh'], /-x/],
    [['-qk', 'sh'], /-q/],
    [['-no-wait', 'sh', '-x'], /-no-wait/],
    [['-q-x', 'sh'], /-q-x/],
    [['--Quiet', 'sh'], /--Quiet/],
    [['--quie', 'sh'], /--quie/],
    [['--no-keep', 'sh'], /--no-keep/],
    [['--keep=yes', 'sh'], /--keep/],
    [['--root'], /--root/],
    [['--root='], /--root/],
    [['--root', ''], /--root/],
    [['--spare', 'a', '--spare=', 'sh'], /--spare/],
    [['--label', '--keep', 'sh'], /--label/],
    [['--label', '--', 'sh'], /--label/],
    [['--__proto__', 'sh'], /--__proto__/],
    [['--constructor=1', 'sh'], /--constructor/],
    [['--quiet', '--toString', 'sh'], /--toString/],
    [['--=x', 'sh'], /--/],
    [['--no-such\nline two', 'sh'], /--no-such/],
  ];
  for (const [argv, named] of table) {
    test(JSON.stringify(argv), () => {
      assert.throws(
        () => splitArgv(argv),
        (error) => {
          assert.ok(error instanceof QwRunError, String(error));
          assert.equal(error.code, 'ERR_QW_USAGE');
          assert.match(error.message, named);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }
});

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
