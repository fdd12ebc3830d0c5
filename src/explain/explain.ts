// Whose is this, why is it still there, what removed it, when does it go? Answers from what is there now, and
// from the receipts. Changes nothing; what receipts say is shown as that, and decides nothing.
import { resolve } from 'node:path';
import { realPath } from '../fs.js';
import { candidates } from '../judge/candidates.js';
import { rootsToLookIn } from '../judge/session-dirs.js';
import { policyOf } from '../options.js';
import { askMounts } from '../process/ask-mounts.js';
import { isLegacyName } from '../reap/reap-options.js';
import { receiptsHere } from '../receipt/read-receipts.js';
import { isSession } from '../receipt/receipt.js';
import { SESSION_ID } from '../root/layout.js';
import { readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { ofPath } from './of-path.js';
import { ofProcess } from './of-process.js';
import { type Explanation, type Known, ofSession } from './of-session.js';

/** @throws QwRunError when `root` is given and unsafe */
export async function explain(
  about: string,
  env: NodeJS.ProcessEnv,
  root: string | undefined,
): Promise<Explanation> {
  const known = await look(env, root);
  const id = idLabelled(about, known);
  // A path may have any name: with `./` before it, it is one. So may a label.
  const named = ofName(about, known);
  if (named && (named.isOurs || id === undefined)) return named;
  const path = resolve(about);
  const real = named ? undefined : await whereItLeads(path);
  if (real === undefined && id !== undefined) return ofSession(about, id, known);
  return ofPath({ about, path, real, isLegacy: isLegacyName(real ?? path, env), ...known });
}

/** What looks like an id, or like a pid. */
function ofName(about: string, known: Known): Explanation | undefined {
  if (SESSION_ID.test(about)) return ofSession(about, about, known);
  return /^[1-9]\d{0,6}$/.test(about) ? ofProcess(Number(about), known) : undefined;
}

/** The newest session with that label: one that is there before one that is gone. */
function idLabelled(label: string, { sessions, receipts }: Known): string | undefined {
  const there = sessions
    .flatMap(({ found: { lease } }) => (lease?.label === label ? [lease] : []))
    .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  const gone = receipts.filter(isSession).filter((one) => one.label === label);
  return (there.at(-1) ?? gone.at(-1))?.id;
}

async function look(env: NodeJS.ProcessEnv, root: string | undefined): Promise<Known> {
  const roots = await rootsToLookIn(env, root);
  const sessions = await candidates({ ...policyOf(env), roots });
  const { receipts } = await receiptsHere({ sinceMs: null, limit: null, env });
  return { roots, sessions, receipts };
}

/** Where links lead; undefined on a mount that does not answer, and where nothing is. */
async function whereItLeads(path: string): Promise<string | undefined> {
  await askMounts([path]);
  return muteOn(path, readMounts()) ? undefined : realPath(path);
}
