// Which root sessions get, and why not another one: what src/root explains, and a write in each, since only a
// write shows it. A root that is missing is not made; its nearest parent is written to instead.
import type { QwRunErrorCode } from '../errors.js';
import { codeOf } from '../fs.js';
import { type ExplainedRoot, explainRoots } from '../root/explain.js';
import { nearestExisting } from '../root/nearest-existing.js';
import { probe } from '../space/probe.js';

export interface RootFacts extends Omit<ExplainedRoot, 'mount' | 'usable' | 'refusal'> {
  /** `chosen`: sessions opened now get this one. `spare`: it could be used, another comes first. */
  state: 'chosen' | 'spare' | 'refused';
  /** Why it is refused. */
  refusal: { code: QwRunErrorCode | null; message: string } | null;
  /** Mount point and type of the file system; null without procfs. */
  mount: string | null;
  type: string | null;
  /**
   * What a write was answered there; null when it went through, or nobody tried since the root is not safe.
   */
  writeError: string | null;
}

/**
 * The candidates in the order they are tried.
 * @throws QwRunError `ERR_QW_USAGE` for a `named` root that is empty or no string
 */
export function examineRoots(env: NodeJS.ProcessEnv, named: string | undefined): RootFacts[] {
  const candidates = explainRoots(env, named).map(tryRoot);
  const chosen = candidates.find(({ refusal }) => refusal === null);
  return candidates.map((root) => ({
    ...root,
    state: root.refusal ? 'refused' : root === chosen ? 'chosen' : 'spare',
  }));
}

function tryRoot({ mount, usable, refusal, ...explained }: ExplainedRoot): Omit<RootFacts, 'state'> {
  const root = { ...explained, mount: mount?.point ?? null, type: mount?.type ?? null };
  if (!usable) return { ...root, refusal, writeError: null };
  const dir = nearestExisting(root.path);
  const writeError = writeErrorAt(dir);
  const message = `a write in ${dir} is refused (${writeError})`;
  return { ...root, writeError, refusal: writeError === null ? null : { code: null, message } };
}

/** What a write in `dir` is answered; null when it goes through. The file is gone afterwards. */
export function writeErrorAt(dir: string): string | null {
  try {
    probe(dir);
    return null;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}
