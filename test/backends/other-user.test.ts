// What is told before a command starts as another user, as tried with Debian's sudo, su, runuser (glibc takes TMPDIR out of
// the environment of a setuid program): TMPDIR is taken away, or cannot be written, or all is well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherUserWarning } from '#src/backends/other-user.js';

const me = { isRoot: false, name: 'me' };
const root = { isRoot: true, name: 'root' };
const AWAY = /removes TMPDIR/;
const LOCKED = /yours alone \(0700\).* as other /;

const TABLE: [command: string, asUser: RegExp | undefined, asRoot: RegExp | undefined][] = [
  ['sleep 9', undefined, undefined],
  ['sudo sleep 9', AWAY, AWAY],
  ['/usr/bin/sudo -n sleep 9', AWAY, AWAY],
  ['nice -n 5 sudo sleep 9', AWAY, AWAY],
  ['sudo -E sleep 9', AWAY, undefined],
  ['sudo -nE sleep 9', AWAY, undefined],
  ['sudo --preserve-env sleep 9', AWAY, undefined],
  ['sudo --preserve-env=HOME,TMPDIR sleep 9', AWAY, undefined],
  ['sudo --preserve-env=HOME sleep 9', AWAY, AWAY],
  ['sudo -Ei sleep 9', AWAY, AWAY],
  ['sudo -u other sleep 9', AWAY, AWAY],
  ['sudo -uother -E sleep 9', AWAY, LOCKED],
  ['sudo -E --user=other sleep 9', AWAY, LOCKED],
  ['sudo -E --user other sleep 9', AWAY, LOCKED],
  ['sudo TMPDIR=/t sleep 9', undefined, undefined],
  ['sudo -g root A=b TMPDIR=/t sleep 9', undefined, undefined],
  ['sudo env TMPDIR=/t sleep 9', undefined, undefined],
  ['sudo -u other TMPDIR=/t sleep 9', LOCKED, LOCKED],
  ['sudo -u me TMPDIR=/t sleep 9', undefined, /as me /],
  ['sudo -u #0 TMPDIR=/t sleep 9', undefined, undefined],
  ['sudo -u env sleep TMPDIR=/t', AWAY, AWAY],
  ['sudo -l', undefined, undefined],
  ['sudo -V', undefined, undefined],
  ['sudo -n-E sleep 9', undefined, undefined],
  ['sudo -uweb-admin -- sleep 9', AWAY, AWAY],
  ['doas -u other sleep 9', AWAY, AWAY],
  ['doas env TMPDIR=/t sleep 9', undefined, undefined],
  ['pkexec --user other sleep 9', AWAY, AWAY],
  ['su', AWAY, undefined],
  ['su other -s /bin/sh -c mktemp', AWAY, LOCKED],
  ['su -s /bin/sh -c mktemp other', AWAY, LOCKED],
  ['su - other', AWAY, AWAY],
  ['su -p-x other', undefined, undefined],
  ['su -l other -c mktemp', AWAY, AWAY],
  ['runuser -u other -- mktemp', AWAY, LOCKED],
  ['runuser -l other -c mktemp', AWAY, AWAY],
  ['npx sudo sleep', undefined, undefined],
  ['sh -c sudo', undefined, undefined],
];

for (const [command, asUser, asRoot] of TABLE)
  test(`${command}: ${asUser ?? 'nothing'} for a user, ${asRoot ?? 'nothing'} for root`, () => {
    for (const [caller, words] of [
      [me, asUser],
      [root, asRoot],
    ] as const) {
      const line = otherUserWarning(command.split(' '), caller);
      if (words === undefined) assert.equal(line, undefined);
      else assert.match(line ?? 'nothing', words);
      assert.ok(!line || line.includes('qw-run inside'));
    }
  });
