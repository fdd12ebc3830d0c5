// One session's isolation, from the plan to its end.
import { resolve as resolvePath } from 'node:path';
import { QwRunError } from '../errors.js';
import { attempt, fs } from '../fs.js';
import { quote } from '../options.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import type { Failure } from '../remove/failure.js';
import { ownUid } from '../root/guard.js';
import { markerDir, tmpDir } from '../root/layout.js';
import { cannotIsolate } from './cannot-isolate.js';
import { copyOut, findCopier } from './copy-out.js';
import { coveredDirs } from './covered.js';
import { enter, type Holder, startHolder } from './holder.js';
import { checkInSight, programPaths } from './in-sight.js';
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
  /** The process that keeps the namespace; undefined before `ready`. */
  holder(): ProcessIdentity | undefined;
  /**
   * The mounts are made.
   * @throws QwRunError `ERR_QW_ISOLATION` with what is missing
   */
  ready: Promise<void>;
  /** What to spawn so that `file` runs inside, in `cwd`. */
  command(cwd: string, file: string, args: readonly string[]): { file: string; args: string[] };
  /**
   * Where the contents of TMPDIR can be seen from here; undefined when the process that showed them was
   * killed.
   */
  contents(): string | undefined;
  /** Whether they are to outlive us: until somebody copied them out. Nothing where they are on disk. */
  stay(isWanted: boolean): void;
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
  /** Its contents are to be copied to disk at the end, where they are not there anyway. */
  keep: boolean;
  /** Aborted: give up making it. */
  signal?: AbortSignal | undefined;
}

/**
 * Begins at once, so that bubblewrap is at work while we go on: whoever needs the mounts waits for `ready`.
 */
export function isolated(input: IsolatedInput): Isolated {
  const { isolation, dir } = input;
  const { mode, sizeBytes } = isolation;
  const covered = mode === 'tmp' ? coveredDirs() : [];
  const plan = planMounts({ ...input, covered, shared: mode === 'tmp' ? shared(input, covered) : [] });
  let holder: Holder | undefined;
  const start = async () => {
    checkWish(input, covered);
    fs.mkdirSync(markerDir(dir), 0o700);
    holder = await startHolder(plan.args, input.signal);
    if (input.keep) stay(true);
  };
  const stay = (isWanted: boolean) => {
    if (sizeBytes !== undefined) holder?.stay(isWanted);
  };
  const ready = start();
  ready.catch(() => {}); // told to whoever waits for it
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
    holder: () => holder?.inside,
    ready,
    command: (place, file, args) => {
      if (!holder) return { file, args: [...args] };
      const entered = enter(holder, place, file, args);
      checkInSight(programPaths(file, place, input.env), `/proc/${holder.inside.pid}/root`, covered);
      return entered;
    },
    contents,
    stay,
    copyOut: async () => (sizeBytes === undefined ? [] : copyOut(contents(), dir)),
    dismiss: async () => holder?.dismiss(),
  };
}

/** Most are not there: an error thrown in vain costs more than the look. */
const realPath = (path: string) =>
  fs.existsSync(path) ? attempt(() => fs.realpathSync.native(path)) : undefined;

const shared = ({ isolation, cwd, env }: IsolatedInput, covered: readonly string[]) =>
  sharedPaths({ env, uid: ownUid(), cwd, named: isolation.share, covered, resolve: realPath });

/** @throws QwRunError for what could not be shown inside */
function checkWish({ isolation, cwd, keep }: IsolatedInput, covered: readonly string[]): void {
  if (cwd === '')
    throw new QwRunError(
      'ERR_QW_ISOLATION',
      'no isolation here: the working directory was removed; run it in another',
    );
  if (keep && isolation.sizeBytes !== undefined && !findCopier()) throw cannotIsolate({ missing: 'cp' });
  for (const path of isolation.share) {
    const why = shareRefusal(resolvePath(path), { covered, resolve: realPath });
    if (why !== undefined) throw new QwRunError('ERR_QW_USAGE', `share: ${quote(path)} ${why}`);
  }
}

/** Its pid is anybody's once somebody killed it. */
function isThere({ inside }: Holder): boolean {
  try {
    return isAlive(inside);
  } catch {
    return false; // procfs cannot be read (out of descriptors): nor could what is in it
  }
}
