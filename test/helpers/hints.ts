// The command that we tell a person to run: tests run it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scene } from './scene.js';

/** Runs a hint as root, with a `sudo` that only starts what it is given; nothing may be left then. */
export function hintWorks(here: Scene, hint: string): void {
  const bin = join(here.box.dir, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env['PATH']}` };
  const { status, stderr } = spawnSync('sh', ['-c', hint], { env, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  here.nothingLeft();
}

/** The hint in the one line that qw-run said. */
export const toldHint = (stderr: string): string => {
  assert.match(stderr, /^qw-run: could not remove [^\n]+: [^\n]+; try: [^\n]+\n$/);
  return /; try: (.*)\n$/.exec(stderr)?.[1] ?? '';
};
