// Large trees may be removed by another process than this one: by the helper of a server, whose event loop
// would stand still while it forks. Who that is, the entry of the library says (src/index.ts); our own
// commands have nobody and do it themselves.
import type { OpenDirectory } from '../fs.js';
import type { Failure } from './failure.js';

export interface OtherRemover {
  /**
   * Removes the entries `names` of `dir`, which lies at `shown`; gives what could not be removed, by name.
   * Undefined where it cannot: what is left is ours to remove.
   */
  remove(
    dir: OpenDirectory,
    shown: string,
    names: readonly string[],
  ): Promise<Map<string, Failure[]> | undefined>;
  /** Takes over what lies in the trash of `root`; false where it cannot. */
  removeLater(root: string): Promise<boolean>;
}

let other: OtherRemover | undefined;

/** From now on large trees are removed by `remover`. */
export function removeBy(remover: OtherRemover): void {
  other = remover;
}

export const otherRemover = (): OtherRemover | undefined => other;
