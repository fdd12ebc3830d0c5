// The receipts in the log of a sandbox.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionReceipt } from 'qw-run';
import type { Scene } from './scene.js';

export const logOf = ({ box }: Scene): string => join(box.dir, 's/qw-run/log');

/** Of sessions, as they lie there. */
export const receiptsIn = (here: Scene): SessionReceipt[] =>
  existsSync(logOf(here))
    ? readFileSync(logOf(here), 'utf8')
        .split('\n')
        .slice(0, -1) // the last one may be on its way
        .map((line) => JSON.parse(line))
        .filter(({ kind }) => kind === 'session')
    : [];

/** Who, what, and why. */
export const told = (here: Scene): string[] =>
  receiptsIn(here).map(({ by, state, reason }) => [by, state, reason].filter(Boolean).join(' '));
