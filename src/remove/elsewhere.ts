// A server's helper process removes large trees: the event loop of the server would stand still while it
// forks. The entry of the library (src/index.ts) sets it; our own commands remove by themselves.
import type { OpenDirectory } from '../fs.js';
import type { Failure } from './failure.js';

export interface OtherRemover {
  /**
   * Removes the entries `names` of `dir`, which lies at `shown`; returns what could not be removed, by name.
   * Undefined where it is not able to: then the caller removes them.
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
