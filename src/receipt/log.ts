// The log of receipts, $XDG_STATE_HOME/qw-run/log. Nothing depends on it: where it cannot be written a
// receipt is lost, and nothing else. `QW_LOG=off`: nothing is written.
import { dirname } from 'node:path';
import { quietly } from '../fs.js';
import { askMounts } from '../process/ask-mounts.js';
import { startFinisher } from '../process/own-programs.js';
import { readMounts } from '../root/mounts.js';
import { firstServed, muteOn } from '../root/mute.js';
import { stateFile, wantedStateDir } from '../root/state.js';
import { UNFINISHED } from '../take/dead-claims.js';
import { lineOf, parseReceipt } from './line.js';
import { append, readLines } from './log-file.js';
import { isNews, isSession, type Receipt, type SessionReceipt } from './receipt.js';

/** Where it is; undefined where nothing may be remembered. */
export const logFile = (env: NodeJS.ProcessEnv): string | undefined => stateFile('log', env);

export const isLogging = (env: NodeJS.ProcessEnv): boolean => env['QW_LOG'] !== 'off';

let helper: ((receipt: Receipt, env: NodeJS.ProcessEnv) => void) | undefined;

/** From now on `write` writes what cannot be written without waiting. It returns at once and never throws. */
export function writeReceiptsBy(write: typeof helper): void {
  helper = write;
}

/**
 * Writes one at once, and waits for nobody: a log on a FUSE or network mount answered when the session was
 * opened, and may not any more. In a server its helper process writes then; else a process of its own, which
 * asks first. It gets the receipt by its stdin: what is in arguments all users of the machine see.
 */
export function leaveReceipt(receipt: Receipt, env: NodeJS.ProcessEnv): void {
  if (!isLogging(env)) return;
  if (firstServed(wantedStateDir(env), readMounts(), () => true) === undefined) writeReceipt(receipt, env);
  else if (helper) helper(receipt, env);
  else startFinisher(['note'], lineOf(receipt));
}

/** Writes one; false where it is lost. Never throws. */
export function writeReceipt(receipt: Receipt, env: NodeJS.ProcessEnv): boolean {
  const file = isLogging(env) ? reachableLog(env) : undefined;
  return file !== undefined && quietly(() => append(file, lineOf(receipt))) === true;
}

/** Writes those that say anything new, and gives these. Not for a server: it asks mounts, reads the log. */
export async function writeNews<T extends Receipt>(
  receipts: readonly T[],
  env: NodeJS.ProcessEnv,
): Promise<T[]> {
  if (receipts.length === 0) return [];
  await askMounts([wantedStateDir(env)]);
  const last = lastOfEach(receipts.every(isRemoval) ? [] : readLog(env, RECENT_BYTES));
  const news = receipts.filter((one) => !isSession(one) || isNews(one, last.get(keyOf(one))));
  const file = isLogging(env) ? reachableLog(env) : undefined;
  for (let at = 0; file !== undefined && at < news.length; at += AT_ONCE) {
    const some = news.slice(at, at + AT_ONCE);
    quietly(() => append(file, some.map(lineOf).join('')));
  }
  return news;
}

/** Those that are there, oldest first; what is none of ours does not count. Ask the mounts before. */
export function readLog(env: NodeJS.ProcessEnv, mostBytes?: number): Receipt[] {
  const file = reachableLog(env);
  if (file === undefined) return [];
  return (quietly(() => readLines(file, mostBytes)) ?? []).flatMap((line) => parseReceipt(line) ?? []);
}

const lastOfEach = (receipts: readonly Receipt[]): Map<string, SessionReceipt> =>
  new Map(receipts.filter(isSession).map((receipt) => [keyOf(receipt), receipt]));

const keyOf = ({ root, id }: SessionReceipt): string => `${id} ${root}`;

/** It is written whatever was said before. */
const isRemoval = (receipt: Receipt): boolean =>
  !isSession(receipt) || (receipt.state === 'removed' && receipt.reason !== UNFINISHED);

/** Where it is, but not on a mount that does not answer. */
export const reachableLog = (env: NodeJS.ProcessEnv): string | undefined =>
  quietly(() => {
    const mounts = readMounts();
    const file = muteOn(wantedStateDir(env), mounts) ? undefined : logFile(env);
    return file !== undefined && !muteOn(dirname(file), mounts) ? file : undefined;
  });

const RECENT_BYTES = 256 * 1024;
const AT_ONCE = 64; // a pass may have removed thousands
