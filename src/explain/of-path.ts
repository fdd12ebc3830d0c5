// A path: of a session, of a managed root, of something that was swept, or not ours. Pure.
import { sep } from 'node:path';
import { isSession, type PassReceipt, type Receipt } from '../receipt/receipt.js';
import { isWithin, SESSION_ID, sessionDir } from '../root/layout.js';
import { UNFINISHED } from '../take/dead-claims.js';
import { type Explanation, type Known, ofSession } from './of-session.js';

export interface PathQuestion extends Known {
  /** As it was asked, and as an absolute path. */
  about: string;
  path: string;
  /** Where links lead; undefined where nothing is there. */
  real: string | undefined;
  /** Agents leave something of such a name without us. */
  isLegacy: boolean;
}

export function ofPath(question: PathQuestion): Explanation {
  const { about, path, real } = question;
  const paths = real === undefined || real === path ? [path] : [path, real];
  const at = sessionAt(paths, question);
  const swept = question.receipts.flatMap((receipt) => sweptText(paths, receipt));
  const root = question.roots.find((one) => paths.some((it) => isWithin(one, it)));
  const found = at === undefined ? undefined : ofSession(about, at, question);
  const session = found?.isOurs ? found : undefined;
  const isOurs = session !== undefined || swept.length > 0 || root !== undefined;
  const place = session || root === undefined ? [] : [`${paths.at(-1)} belongs to the managed root ${root}`];
  const text = isOurs ? [...(session?.text ?? place), ...swept] : notOurs(question);
  const { id = null, state = null, reason = null } = session ?? {};
  return { version: 1, about, kind: 'path', isOurs, id, state, reason, text };
}

const notOurs = ({ path, real, isLegacy }: PathQuestion): string[] => [
  `not ours: ${real ?? path} lies in no managed root, and no receipt names it`,
  ...(isLegacy
    ? ['agents that run without qw-run leave something of such a name: see qw-tmp reap --legacy --dry-run']
    : []),
];

/** Also of a root that is gone: then its receipts know it. */
function sessionAt(paths: readonly string[], { roots, receipts }: Known): string | undefined {
  const byRoot = roots.flatMap((root) => paths.flatMap((path) => idBelow(root, path) ?? []));
  const byReceipt = receipts
    .filter(isSession)
    .filter((one) => paths.some((path) => isWithin(sessionDir(one.root, one.id), path)));
  return byRoot[0] ?? byReceipt.at(-1)?.id;
}

/** In the trash its name begins with the session's. */
function idBelow(root: string, path: string): string | undefined {
  if (!isWithin(root, path)) return undefined;
  const [first = '', second = ''] = path.slice(root.length + 1).split(sep, 2);
  const id = first === '.trash' ? second.split('.')[0] : first;
  return id !== undefined && SESSION_ID.test(id) ? id : undefined;
}

function sweptText(paths: readonly string[], receipt: Receipt): string[] {
  if (isSession(receipt)) return [];
  return receipt.swept
    .filter((unit) => paths.some((path) => isWithin(unit.path, path)))
    .map((unit) => `${receipt.at}: a pass of the reaper removed ${unit.path} (${whyText(unit)})`);
}

const whyText = ({ reason }: PassReceipt['swept'][number]): string =>
  reason === UNFINISHED ? 'its removal had begun' : `${reason}: nobody had used it for long`;
