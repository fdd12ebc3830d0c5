// A pass with all that is around it: finds the roots (one may lie in a file system that does not answer) and
// writes the receipts. For our own commands, and for the helper process of a server.
import { askForRoots, askMounts } from '../process/ask-mounts.js';
import { writeNews } from '../receipt/log.js';
import type { Receipt } from '../receipt/receipt.js';
import { existingRoots, safeRoots, unseenRoots } from '../root/roots.js';
import { reapNow } from './reap-now.js';
import { orphansOnly, type ReapChoices, tempDirectories } from './reap-options.js';
import type { Progress, ReapReport } from './reap-report.js';

/** Plain data. */
export interface PassRequest {
  choices: ReapChoices;
  places: RootChoice;
}

/** Where roots are looked for. */
export interface RootChoice {
  root?: string | undefined;
  mayBeMissing?: boolean;
  /** These instead, as far as they are roots. */
  only?: string[];
  /** Variables, see `placesIn`. */
  env: NodeJS.ProcessEnv;
}

/** With what was written into the log. */
export interface NotedReport extends ReapReport {
  receipts: Receipt[];
}

/** @throws QwRunError the guard's errors for a `root` that is unsafe */
export async function passHere(
  { choices, places: { root, mayBeMissing = false, only, env } }: PassRequest,
  onProgress: (progress: Progress) => void = () => {},
  isWanted?: () => boolean,
): Promise<NotedReport> {
  await (only ? askMounts(only) : askForRoots(env, root));
  const roots = only ? safeRoots(only) : existingRoots(env, root, { mayBeMissing });
  const unseen = only ? [] : unseenRoots(env, root);
  const input = { ...choices, roots, unseen, legacyDirs: tempDirectories(env), isWanted };
  const receipts: Receipt[] = [];
  const note = async (news: Receipt[]) => void receipts.push(...(await writeNews(news, env)));
  return { ...(await reapNow(input, onProgress, note)), receipts };
}

/**
 * The pass in a wrapper's child (start-pass.ts): only orphans of `root`, never what agents left elsewhere.
 * `maxAge` and `spare` are as in QW_MAX_AGE and QW_SPARE.
 */
export async function ownPass(
  root: string,
  maxAge: string,
  spare: string,
  limit = MOST_ORPHANS,
): Promise<void> {
  const env = { ...process.env, QW_MAX_AGE: maxAge, QW_SPARE: spare };
  await passHere({ choices: orphansOnly({ env }, limit), places: { only: [root], env } });
}

/** In the background of a start. Who waits for room takes all. */
const MOST_ORPHANS = 500;
