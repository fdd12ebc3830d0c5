// The rm of busybox, found first: one that knows no long options and works by path.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const BUSYBOX = '/usr/bin/busybox';

/** Why it cannot be had, or false. */
export const noBusybox = (): string | false =>
  spawnSync(BUSYBOX, ['rm', '--help']).status === 0 ? false : 'no busybox';

/** A PATH; the link is made in `dir`. */
export function withBusyboxFirst(dir: string): string {
  const bin = join(dir, 'busybox');
  mkdirSync(bin);
  symlinkSync(BUSYBOX, join(bin, 'rm'));
  return [bin, process.env['PATH']].join(delimiter);
}
