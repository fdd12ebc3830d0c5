// Programs of a test's own in the place of the system's, for qw-run and the processes it starts: it takes none from PATH.
import { chmodSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fs } from '#src/fs.js';
import { fixture } from './paths.js';
import { preload } from './quoted.js';
import { put } from './reaping.js';

export interface StandIns {
  /** For the environment of who runs them. */
  env: { NODE_OPTIONS: string };
  /** The same for node. */
  flags: string[];
}

const FIXTURE = fixture('stand-ins.cjs');

/** Those in `bin`. `more` is loaded before them. */
export function standIns(bin: string, more: readonly string[] = []): StandIns {
  const files = [...more, preloadOf(bin)];
  return { env: preload(...files), flags: files.flatMap((file) => ['--require', file]) };
}

/** The same in this process, until the test is over. */
export function useStandIns(t: Pick<TestContext, 'after'>, bin: string): void {
  const take = createRequire(FIXTURE)(FIXTURE);
  t.after(take(bin, preloadOf(bin), fs));
}

/** Writes a shell script; one without lines is no program, as if there were none of this name. */
export function script(bin: string, name: string, lines: string): string {
  const path = put(join(bin, name), `#!/bin/sh\n${lines}\n`);
  chmodSync(path, lines === '' ? 0o644 : 0o755);
  return path;
}

const preloadOf = (bin: string): string =>
  put(`${bin}.cjs`, `require(${JSON.stringify(FIXTURE)})(${JSON.stringify(bin)}, __filename);\n`);
