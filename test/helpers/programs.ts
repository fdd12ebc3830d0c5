// Programs of a test's own making, called like well-known ones.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scene } from './scene.js';

/** Says `ready PID `, has a child `sleep`, lets go of the wrapper's output and stays. `first` are commands before that. */
export function program({ box }: Scene, name: string, first = ''): string {
  const path = join(box.dir, 'bin', name);
  mkdirSync(join(box.dir, 'bin'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${first}\nsleep 600 >/dev/null 2>&1 &\necho "ready $$ "\n${STAY}\n`, {
    mode: 0o755,
  });
  return path;
}

const STAY = 'exec >/dev/null 2>&1; wait';

/** The same without any of that: `lines` are all it does. */
export function makeProgram({ box }: Scene, name: string, lines: string): string {
  const path = join(box.dir, 'bin', name);
  mkdirSync(join(box.dir, 'bin'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return path;
}

/** Listens at $DOOR, has a child `sleep`, says `child=PID ` and `ready PID `, lets go of the wrapper's output and stays. */
export function daemon({ box }: Scene, name: string): string {
  const path = join(box.dir, 'bin', name);
  mkdirSync(join(box.dir, 'bin'), { recursive: true });
  writeFileSync(path, DAEMON, { mode: 0o755 });
  return path;
}

const DAEMON = `#!/usr/bin/perl
use strict; use IO::Socket::UNIX;
my $door = IO::Socket::UNIX->new(Local => $ENV{DOOR}, Listen => 8) or die "no door: $!" if $ENV{DOOR};
my $child = fork() // die;
if (!$child) { open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null'); exec('sleep', '600'); }
$| = 1; print "child=$child ready $$ \\n";
open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
wait;
`;
