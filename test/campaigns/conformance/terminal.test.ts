// Names and labels that people did not choose (an agent's files, its process names, a forged lease) never reach a terminal raw: no
// control character but the end of a line, in anything that both bins print, JSON too.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { run } from '../../helpers/cli.js';
import { inScene, row, sized } from '../../helpers/conformance.js';
import { qwRun, qwTmp } from '../../helpers/paths.js';
import { forge, HOUR, leaseOf, shifted } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';

/** C0, DEL, C1, and what reverses or breaks lines; `\n` only ends ours. */
const RAW = /[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const HOSTILE = [
  '\u001b[2J',
  '\u001b]0;owned\u0007',
  '\n',
  '\r',
  '\u009b31m',
  '\u007f',
  '\u202e',
  '\u2028',
  '\u0000',
  'a',
];

/** Text as an attacker would choose it, and any other. */
const text = fc.oneof(
  fc.array(fc.constantFrom(...HOSTILE), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** What can be a file name or an argument: no NUL, no lone surrogate, few bytes. */
const nameOf = (it: string): string => {
  const parts = [...`x${it}`].filter((char) => char !== '\0' && char !== '/');
  return Buffer.from(parts.slice(0, 20).join('')).toString();
};

test('what both bins print holds no control character, whatever names and labels hold', async () => {
  let outputs = 0;
  const check = (name: string, said: string) => {
    outputs += 1;
    assert.doesNotMatch(
      said,
      RAW,
      `${name}: ${JSON.stringify(RAW.exec(said)?.[0])} in ${JSON.stringify(said)}`,
    );
  };
  const property = fc.asyncProperty(fc.array(text, { minLength: 6, maxLength: 6 }), (texts) =>
    inScene((here) => printAll(here, texts, check)),
  );
  await fc.assert(property, {
    numRuns: sized({ fast: 1, full: 40, long: 400 }),
    endOnFailure: true,
    includeErrorInReport: true,
  });
  row('terminal', ['outputs of qw-run and qw-tmp', outputs, 0]);
});

async function printAll(
  here: Scene,
  texts: readonly string[],
  check: (name: string, said: string) => void,
): Promise<void> {
  const [a = '', b = '', c = '', d = '', e = '', f = ''] = texts;
  const { box, options } = here;
  const lease = (id: string, more = {}) => leaseOf(id, { label: a, command: [b, c], cwd: d, ...more });
  forge(box, 'orphan00', { lease: lease('orphan00') });
  forge(box, 'kept0000', { lease: lease('kept0000', { kept: { at: new Date().toISOString() } }) });
  // A process with a name of its own choice lives there, and a directory of such a name cannot be removed.
  const { tmpdir } = forge(box, 'held0000', { lease: lease('held0000') });
  mkdirSync(join(box.dir, 'bin'), { recursive: true });
  const program = join(box.dir, 'bin', nameOf(e));
  symlinkSync('/bin/sleep', program);
  const child = spawn(program, ['600'], {
    cwd: tmpdir,
    stdio: 'ignore',
    env: { ...options.env, TMPDIR: tmpdir },
  });
  child.unref();
  const env = { ...options.env, ...shifted({ laterMs: 80 * HOUR }) };
  const bad = nameOf(f);
  const rootless = join(box.dir, 'no', bad);
  const calls: [bin: string, args: string[], env?: NodeJS.ProcessEnv][] = [
    [qwTmp, ['list']],
    [qwTmp, ['list', '--json']],
    [qwTmp, ['reap', '--dry-run']],
    [qwTmp, ['doctor']],
    [qwTmp, ['doctor', '--json']],
    [qwTmp, ['rm', 'held0000']],
    [qwTmp, ['rm', 'held0000', '--json']],
    [qwTmp, ['rm', bad]],
    [qwTmp, [bad]],
    [qwTmp, [`--${bad}`]],
    [qwTmp, ['list', '--root', rootless]],
    [qwTmp, ['reap', '--json', '--max-age', '1h'], env],
    [qwTmp, ['reap', '--max-age', bad]],
    [qwRun, ['--label', nameOf(a), '--keep', '--', 'true']],
    [qwRun, [bad]],
    [qwRun, [`--${bad}`, 'true']],
    [qwRun, ['--backend', bad, 'true']],
    [qwRun, ['--root', rootless, 'true']],
    [
      qwRun,
      [
        '--no-watchdog',
        'sh',
        '-c',
        `"${program.replaceAll(/[\\"$`]/g, '\\$&')}" 600 & chmod 0500 "$QW_ROOT"`,
      ],
    ],
  ];
  for (const [bin, args, more = options.env] of calls) {
    const { stdout, stderr } = await run(bin, args, { ...options, env: more });
    check(args.join(' '), stdout + stderr);
  }
  chmodSync(box.root, 0o700);
}
