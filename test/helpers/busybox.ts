// Busybox's own of some tools, in the place of the system's: its rm, say, knows no long options and works by path.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const BUSYBOX = '/usr/bin/busybox';

/** Why it cannot be had, or false. */
export const noBusybox = (): string | false =>
  spawnSync(BUSYBOX, ['rm', '--help']).status === 0 ? false : 'no busybox';

/** Where they are, below `dir`: for `standIns`. */
export function busyboxIn(dir: string, tools: readonly string[] = ['rm']): string {
  const bin = join(dir, 'busybox');
  mkdirSync(bin);
  for (const tool of tools) symlinkSync(BUSYBOX, join(bin, tool));
  return bin;
}
