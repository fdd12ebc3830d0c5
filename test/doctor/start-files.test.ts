// Where a TMPDIR of its own comes from in the shells that an agent starts: file and line are named, and nothing is executed,
// waited for, or taken for more than it says.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { tmpdirSetIn } from '#src/doctor/start-files.js';
import { diagnose } from '../helpers/diagnosed.js';
import { environment, testTable } from '../helpers/healthy.js';
import { scene } from '../helpers/scene.js';

const LINES: [line: string, value: string | undefined][] = [
  ['export TMPDIR=/t', '/t'],
  ['  export TMPDIR="$HOME/my tmp"  # mine', '$HOME/my tmp'],
  ["export A=1 TMPDIR='/t'", '/t'],
  ['TMPDIR=/t', '/t'],
  ['TMPDIR=/t; export TMPDIR', '/t'],
  ['declare -x TMPDIR=/t', '/t'],
  ['typeset -gx TMPDIR=/t', '/t'],
  ['if true; then export TMPDIR=/t; fi', '/t'],
  ['[ -d /t ] && export TMPDIR=/t', '/t'],
  ['TMPDIR=$(mktemp -d)', '$(mktemp -d)'],
  ['# export TMPDIR=/t', undefined],
  ['echo hi # export TMPDIR=/t', undefined],
  ['echo "export TMPDIR=/t"', undefined],
  ['export TMPDIRS=/t MY_TMPDIR=/t', undefined],
  ['export TMPDIR', undefined],
  ['TMPDIR=/t make', undefined],
  ['f() { TMPDIR=/t make "$@"; }', undefined],
  ['alias m="TMPDIR=/t make"', undefined],
  ['export TMPDIR=$' + '{TMPDIR:-/t}', undefined],
  ['export TMPDIR="$TMPDIR"', undefined],
  [': $' + '{TMPDIR:=/t}', undefined],
  ['[ -z "$TMPDIR" ] && export TMPDIR=/t', undefined],
  ['if [ -z "$TMPDIR" ]; then\n  export TMPDIR=/t\nfi', undefined],
  [`export TMPDIR=/${'x'.repeat(5_000)}`, undefined],
  ['set -gx TMPDIR /t', '/t'],
  ['set --global --export TMPDIR "/t"', '/t'],
  ['set -e TMPDIR', undefined],
  ['set -q TMPDIR; or set -gx TMPDIR /t', undefined],
  ['set -gx PATH TMPDIR', undefined],
  ['TMPDIR DEFAULT=/t', '/t'],
  ['#TMPDIR=/t', undefined],
  ['XTMPDIR=/t', undefined],
];

describe('what sets TMPDIR', () => {
  for (const [line, value] of LINES)
    test(line.slice(0, 60), () => assert.equal(tmpdirSetIn(line)?.value, value));
  test('the last one counts, with its line', () => {
    assert.deepEqual(tmpdirSetIn('export TMPDIR=/a\n\nexport TMPDIR=/b\n'), { line: 3, value: '/b' });
  });
  test('a file of lines made to be slow is none', { timeout: 20_000 }, () => {
    for (const line of ['"'.repeat(4_000), '\\'.repeat(4_000), '${'.repeat(2_000), 'a'.repeat(4_096)])
      tmpdirSetIn(Array(200).fill(line).join('\n'));
  });
});

const inFile = (kind: 'shell' | 'login' | 'direnv', path: string) => ({
  environment: environment({ startFiles: [{ path, line: 3, value: '/t', kind }] }),
});
testTable([
  ['a shell’s', inFile('shell', '/h/.profile'), 'warning start-file', `"\${EDITOR:-vi}" /h/.profile`],
  ['direnv’s', inFile('direnv', '/p/.envrc'), 'warning start-file', `"\${EDITOR:-vi}" /p/.envrc`],
  [
    'a login’s',
    inFile('login', '/etc/environment'),
    'note start-file',
    `sudo "\${EDITOR:-vi}" /etc/environment`,
  ],
]);

test('qw-tmp doctor names file and line, passes over what is no file, and runs nothing', async (t) => {
  const here = scene(t);
  const { env, cwd } = here.options;
  const home = String(env['HOME']);
  const put = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  put(join(home, '.bash_profile'), `: > ${cwd}/ran\nexport TMPDIR=/var/tmp/mine\n`);
  put(join(home, 'dotfiles/zshenv'), 'export TMPDIR=/z\n');
  symlinkSync('dotfiles/zshenv', join(home, '.zshenv'));
  put(join(home, '.config/environment.d/tmp.conf'), 'TMPDIR=/e\n');
  put(join(cwd, '.envrc'), 'export TMPDIR=$PWD/tmp\n');
  put(join(home, '.bashrc'), '# export TMPDIR=/no\n');
  assert.equal(spawnSync('mkfifo', [join(home, '.profile')]).status, 0);
  symlinkSync('/dev/zero', join(home, '.zshrc'));
  symlinkSync('.zlogin', join(home, '.zlogin'));
  put(join(home, '.bash_login'), `export TMPDIR=/no\n${' '.repeat(2 ** 20)}`);
  const { told, diagnosis, command } = await diagnose(here.options);
  assert.deepEqual(
    told.sort(),
    [
      `note start-file ${join(home, '.config/environment.d/tmp.conf')}`,
      `warning start-file ${join(home, '.bash_profile')}`,
      `warning start-file ${join(home, '.zshenv')}`,
      `warning start-file ${join(cwd, '.envrc')}`,
    ].sort(),
  );
  const { text } = diagnosis.findings.find(({ about }) => about.endsWith('.bash_profile')) ?? { text: '' };
  assert.match(text, /TMPDIR=\/var\/tmp\/mine from .*\/\.bash_profile:2: their files go past the session/);
  assert.match(command('start-file'), /EDITOR/);
  here.nothingLeft(['.envrc']);
});
