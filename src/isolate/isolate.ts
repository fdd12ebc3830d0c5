// One session's isolation, from the plan to its end.
import { resolve as resolvePath } from 'node:path';
import { QwRunError } from '../errors.js';
import { attempt, fs } from '../fs.js';
import { quote } from '../options.js';
import { isAlive } from '../process/identity.js';
import type { Failure } from '../remove/remove-tree.js';
import { ownUid } from '../root/guard.js';
import { markerDir, tmpDir } from '../root/layout.js';
import { copyOut } from './copy-out.js';
import { coveredDirs } from './covered.js';
import { enter, type Holder, startHolder } from './holder.js';
import type { Isolation } from './isolation.js';
import { planMounts } from './mount-plan.js';
import { sharedPaths, shareRefusal } from './shared-paths.js';

export interface Isolated {
  readonly mode: Isolation['mode'];
  readonly sizeBytes?: number;
  /** TMPDIR and managed root as the agent sees them. */
  readonly tmpdir: string;
  readonly root: string;
  /** A directory of the session that is in sight inside, and its name there. */
  readonly marker: { dir: string; seenAs: string };
  /** The process that keeps the namespace; undefined before `start`. */
  holder(): number | undefined;
  /**
   * Makes the mounts.
   * @throws QwRunError `ERR_QW_ISOLATION` with what is missing
   */
  start(): Promise<void>;
  /** What to spawn so that `file` runs inside, in `cwd`. */
  command(cwd: string, file: string, args: readonly string[]): { file: string; args: string[] };
  /** Where the contents of TMPDIR can be seen from here; undefined when the process that showed them was killed. */
  contents(): string | undefined;
  /** Copies them to the session's directory on disk, where they are not there anyway. */
  copyOut(): Promise<Failure[]>;
  /** No further process will enter. */
  dismiss(): Promise<void>;
}

export interface IsolatedInput {
  isolation: Isolation;
  root: string;
  /** Session directory. */
  dir: string;
  /** Working directory of the agent: stays in sight. */
  cwd: string;
  env: NodeJS.ProcessEnv;
}

export function isolated({ isolation, root, dir, cwd, env }: IsolatedInput): Isolated {
  const { mode, sizeBytes, share } = isolation;
  const resolve = (path: string) => attempt(() => fs.realpathSync.native(path));
  const covered = coveredDirs();
  const shared = sharedPaths({ env, uid: ownUid(), cwd, named: share, covered, resolve });
  const plan = planMounts({ isolation, root, dir, covered, shared });
  let holder: Holder | undefined;
  const contents = () => {
    if (sizeBytes === undefined) return tmpDir(dir);
    return holder && isThere(holder) ? `/proc/${holder.inside.pid}/root${plan.tmpdir}` : undefined;
  };
  return {
    mode,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    tmpdir: plan.tmpdir,
    root: plan.root,
    marker: { dir: markerDir(dir), seenAs: plan.marker },
    holder: () => holder?.inside.pid,
    start: async () => {
      if (cwd === '')
        throw new QwRunError(
          'ERR_QW_ISOLATION',
          'no isolation here: the working directory was removed; run it in another',
        );
      for (const path of share) {
        const why = shareRefusal(resolvePath(path), { covered, resolve });
        if (why !== undefined) throw new QwRunError('ERR_QW_USAGE', `share: ${quote(path)} ${why}`);
      }
      fs.mkdirSync(markerDir(dir), 0o700);
      holder = await startHolder(plan.args);
    },
    command: (place, file, args) => (holder ? enter(holder, place, file, args) : { file, args: [...args] }),
    contents,
    copyOut: async () => (sizeBytes === undefined ? [] : copyOut(contents(), dir)),
    dismiss: async () => holder?.dismiss(),
  };
}

/** Its pid is anybody's once somebody killed it. */
function isThere({ inside }: Holder): boolean {
  try {
    return isAlive(inside);
  } catch {
    return false; // procfs cannot be read (out of descriptors): nor could what is in it
  }
}
