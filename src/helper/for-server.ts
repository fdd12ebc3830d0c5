// The one switch: who uses the library is a server, and has a helper process for passes, lists and the
// removal of large trees (src/index.ts says so). Our own commands are not: they do their work themselves, as
// does whoever bundled us without our programs.

import { join } from 'node:path';
import { fs, quietly } from '../fs.js';
import { DEFAULTS, type Duration, MAX_TIMER_MS, parseDuration } from '../options.js';
import { binsDirectory } from '../process/own-programs.js';
import { writeReceiptsBy } from '../receipt/log.js';
import type { Receipt } from '../receipt/receipt.js';
import { removeBy } from '../remove/elsewhere.js';
import type { Failure } from '../remove/failure.js';
import { createHelpers, type Helpers } from './helpers.js';
import { HungError } from './process.js';

let isServer = false;
let helpers: Helpers | undefined;

/** From now on this process has a helper. */
export function workInHelper(): void {
  isServer = true;
  removeBy({
    remove: async (dir, shown, names) => {
      const place = quietly(() => fs.statSync(dir.base, { bigint: true }));
      if (!place) return undefined;
      const input: RemoveInput = { path: shown, dev: `${place.dev}`, ino: `${place.ino}`, names };
      const answer = await askHelper<RemoveResult>('remove', input);
      if (answer instanceof HungError)
        return new Map(names.map((name) => [name, [hungAt(join(shown, name), answer)]]));
      return answer && new Map(answer.failed);
    },
    removeLater: async (root) => {
      const answer = await askHelper('later', { root } satisfies LaterInput, false);
      return answer !== undefined && !(answer instanceof HungError);
    },
  });
  writeReceiptsBy((receipt, { HOME, XDG_STATE_HOME, QW_LOG }) => {
    const input: NoteInput = { receipt, env: { HOME: HOME ?? process.env['HOME'], XDG_STATE_HOME, QW_LOG } };
    void askHelper('note', input, false);
  });
}

/** The helper of this process; undefined where there is none, and the work is to be done here. */
export function ownHelpers(): Helpers | undefined {
  if (!isServer || process.platform === 'win32') return undefined;
  const bins = helpers ? undefined : binsDirectory();
  if (bins !== undefined) helpers = createHelpers({ file: `${bins}/qw-helper.cjs` });
  return helpers;
}

/** @throws QwRunError `ERR_QW_USAGE` */
export const deadlineMs = (deadline: Duration = DEFAULTS.deadline): number =>
  Math.min(Math.max(parseDuration('deadline', deadline), MIN_DEADLINE_MS), MAX_TIMER_MS);

/** Undefined: the server removes by itself, though not where it hung; a receipt is lost. */
async function askHelper<Result extends object>(
  call: 'remove' | 'later' | 'note',
  input: RemoveInput | LaterInput | NoteInput,
  isAwaited = true,
): Promise<Result | HungError | undefined> {
  try {
    return await ownHelpers()?.ask<Result>(call, input, {
      deadlineMs: deadlineMs(),
      beginMs: BEGIN_MS,
      isAwaited,
    });
  } catch (error) {
    return error instanceof HungError ? error : undefined;
  }
}

const hungAt = (path: string, { message }: HungError): Failure => ({
  path,
  reason: `${message}; the next pass goes on with it`,
  hint: '',
});

/** Entries of a directory, which is named by its path and by what it is. */
export interface RemoveInput {
  path: string;
  dev: string;
  ino: string;
  names: readonly string[];
}

export interface RemoveResult {
  failed: [name: string, failures: Failure[]][];
}

export interface LaterInput {
  root: string;
}

export interface NoteInput {
  receipt: Receipt;
  env: NodeJS.ProcessEnv;
}

const MIN_DEADLINE_MS = 1_000;
/** A helper that is well begins at once, beside whatever else it does; a new one needs its start. */
const BEGIN_MS = 1_000;
