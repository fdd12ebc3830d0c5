// What a session's isolation is: the wish, checked where it comes in.
import { misuse } from '../errors.js';
import { fs } from '../fs.js';
import { DEFAULTS, parseSize, parseWord, type Size } from '../options.js';
import { quote } from '../quote.js';

/** Words for `--isolate`. */
export const ISOLATIONS = ['none', 'tmpfs', 'tmp'] as const;

/** `tmpfs`: TMPDIR is a tmpfs of its own. `tmp`: it lies over `/tmp` and `/var/tmp` too. */
export type IsolationChoice = (typeof ISOLATIONS)[number];

export interface Isolation {
  mode: Exclude<IsolationChoice, 'none'>;
  /** Most bytes that fit into TMPDIR; without one, `tmp` lies on the disk of the managed root. */
  sizeBytes?: number;
  /** Further paths below `/tmp` or `/var/tmp` that are to be seen inside. */
  share: readonly string[];
}

export interface IsolationOptions {
  /** Default `none`. */
  isolate?: IsolationChoice | undefined;
  /**
   * Limit of the tmpfs: bytes, or a number with a unit (`512M`, `2G`). Default 2G for `tmpfs`; with `tmp`,
   * puts it on a tmpfs.
   */
  size?: Size | undefined;
  /** With `tmp`: paths below `/tmp` that the agent sees all the same. */
  share?: readonly string[] | undefined;
}

/**
 * The wish by option, then by `QW_ISOLATE`; undefined when there is none.
 * @throws QwRunError `ERR_QW_USAGE` naming the option or variable
 */
export function resolveIsolation(
  { isolate, size, share = [] }: IsolationOptions,
  { QW_ISOLATE }: NodeJS.ProcessEnv,
): Isolation | undefined {
  const option = isolate === undefined ? 'QW_ISOLATE' : 'isolate';
  const mode = parseWord(
    option,
    isolate === undefined ? QW_ISOLATE || DEFAULTS.isolate : isolate,
    ISOLATIONS,
  );
  for (const path of share) if (!fs.existsSync(path)) throw misuse(`share: ${quote(path)} is not there`);
  const sizeBytes = size === undefined ? undefined : atLeastOnePage(parseSize('size', size));
  if (mode !== 'tmp' && share.length > 0) throw meaningless('share', 'tmp');
  if (mode === 'none' && sizeBytes !== undefined) throw meaningless('size', 'tmpfs or tmp');
  if (mode === 'none') return undefined;
  if (mode === 'tmpfs') return { mode, sizeBytes: sizeBytes ?? parseSize('size', DEFAULTS.size), share };
  return { mode, share, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
}

/** The kernel takes a size of 0 for "no limit" (tmpfs(5)). */
function atLeastOnePage(bytes: number): number {
  if (bytes >= MIN_SIZE_BYTES) return bytes;
  throw misuse('size must be at least 1M: agents write that much at their start');
}

const meaningless = (option: string, modes: string) => misuse(`${option} needs isolate ${modes}`);

const MIN_SIZE_BYTES = 1024 ** 2;
