// Before a command starts as another user, one line is told; not where nothing runs, nor where it is given a TMPDIR.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherUserWarning } from '#src/backends/other-user.js';

const TABLE: [command: string, isTold: boolean][] = [
  ['sleep 9', false],
  ['sudo sleep 9', true],
  ['/usr/bin/sudo -n sleep 9', true],
  ['nice -n 5 sudo sleep 9', true],
  ['sudo -u other -E sleep 9', true],
  ['sudo -i', true],
  ['sudo TMPDIR=/t sleep 9', false],
  ['sudo env TMPDIR=/t sleep 9', false],
  ['sudo -l', false],
  ['sudo --version', false],
  ['doas -u other sleep 9', true],
  ['doas env TMPDIR=/t sleep 9', false],
  ['pkexec --user other sleep 9', true],
  ['su', true],
  ['su -l other -c mktemp', true],
  ['runuser -l other -c mktemp', true],
  ['su --help', false],
  ['npx sudo sleep', false],
  ['sh -c sudo', false],
];

for (const [command, isTold] of TABLE)
  test(`${command}: ${isTold ? 'told' : 'nothing'}`, () => {
    const line = otherUserWarning(command.split(' '));
    if (isTold) assert.match(line ?? 'nothing', /removes TMPDIR .* start qw-run inside instead/);
    else assert.equal(line, undefined);
  });
