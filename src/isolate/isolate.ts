// One session's isolation, from the plan to its end.
import { dirname, resolve as resolvePath } from 'node:path';
import type { Writable } from 'node:stream';
import { misuse, QwRunError, unlessItFails } from '../errors.js';
import { fs, realPath } from '../fs.js';
import type { Lease } from '../lease/lease.js';
import { programPaths } from '../process/find-tool.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { quote, shellQuote } from '../quote.js';
import type { Failure } from '../remove/failure.js';
import { markerDir, tmpDir } from '../root/layout.js';
import { ownUid } from '../root/trusted.js';
import { cannotIsolate } from './cannot-isolate.js';
import { copyOut, findCopier } from './copy-out.js';
import type { Isolation } from './isolation.js';
import { enter, type Keeper, startKeeper } from './keeper.js';
import { planMounts, type Sight, sharedPaths, shareRefusal } from './mount-plan.js';

export interface Isolated {
  readonly sizeBytes: number | undefined;
  readonly seen: Sight;
  /** The process that keeps the namespace; undefined before `ready`. */
  keeper(): ProcessIdentity | undefined;
  /** What keeps that process, for whoever keeps it after us; undefined before `ready`. */
  pipe(): Writable | undefined;
  /**
   * The mounts are made: what the lease has to say of them.
   * @throws QwRunError `ERR_QW_ISOLATION` with what is missing
   */
  ready: Promise<NonNullable<Lease['isolate']>>;
  /** What to spawn so that `file` runs inside, in `cwd`. */
  command(cwd: string, file: string, args: readonly string[]): { file: string; args: string[] };
  /** Where what is in TMPDIR can be seen from here; undefined when the process that showed it was killed. */
  contents(): string | undefined;
  /** Whether that is to outlive us, until somebody copied it out. Nothing where it is on disk. */
  stay(isWanted: boolean): void;
  /** Copies it to the session's directory on disk, where it is not there anyway. */
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

/** Begins at once, so that bubblewrap works while we go on: who needs the mounts waits for `ready`. */
export function isolated(input: IsolatedInput): Isolated {
  const { isolation, dir } = input;
  const { mode, sizeBytes } = isolation;
  const covered = mode === 'tmp' ? coveredDirs() : [];
  const shares = mode === 'tmp' ? shared(input, covered) : [];
  const { args: mounts, ...seen } = planMounts({ ...input, covered, shared: shares });
  let keeper: Keeper | undefined;
  const start = async () => {
    checkWish(input, covered);
    fs.mkdirSync(markerDir(dir), 0o700);
    keeper = await startKeeper(mounts, input.signal);
    if (input.keep) stay(true);
    const { pid: holder, startTime: holderStartTime } = keeper.inside;
    return { mode, ...(sizeBytes === undefined ? {} : { sizeBytes }), holder, holderStartTime };
  };
  const stay = (isWanted: boolean) => {
    if (sizeBytes !== undefined) keeper?.stay(isWanted);
  };
  const ready = start();
  ready.catch(() => {}); // whoever waits for it gets the error
  const contents = () => {
    if (sizeBytes === undefined) return tmpDir(dir);
    return keeper && isThere(keeper) ? `/proc/${keeper.inside.pid}/root${seen.tmpdir}` : undefined;
  };
  return {
    sizeBytes,
    seen,
    keeper: () => keeper?.inside,
    pipe: () => keeper?.pipe,
    ready,
    command: (place, file, args) => {
      if (!keeper) return { file, args: [...args] };
      const entered = enter(keeper, place, file, args);
      checkInSight(programPaths(file, place, input.env), `/proc/${keeper.inside.pid}/root`, covered);
      return entered;
    },
    contents,
    stay,
    copyOut: async () => (sizeBytes === undefined ? [] : copyOut(contents(), dir)),
    dismiss: async () => keeper?.dismiss(),
  };
}

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
    if (why !== undefined) throw misuse(`share: ${quote(path)} ${why}`);
  }
}

/** Its pid is anybody's once somebody killed it. Where procfs cannot be read, nor could what is in it. */
const isThere = ({ inside }: Keeper): boolean => unlessItFails(() => isAlive(inside)) === true;

/** What a private /tmp covers: real paths, TMPDIR's first. One may be a link to another, or to a third. */
export const coveredDirs = (): string[] => [...new Set(TEMP_DIRS.flatMap((path) => realPath(path) ?? []))];

const TEMP_DIRS = ['/tmp', '/var/tmp'];

/**
 * Whether one of `paths` that is here is also there: below `root`, where `covered` are private. Where nsenter
 * would only say that it is not there, we say the way out.
 * @throws QwRunError `ERR_QW_ISOLATION` with what to share
 */
function checkInSight(paths: readonly string[], root: string, covered: readonly string[]): void {
  const here = paths.find((path) => fs.existsSync(path));
  if (covered.length === 0 || here === undefined || paths.some((path) => fs.existsSync(`${root}${path}`)))
    return;
  const dir = dirname(here);
  throw new QwRunError(
    'ERR_QW_ISOLATION',
    `${quote(here)} is out of sight with a private /tmp; add --share ` +
      `${shellQuote(covered.includes(dir) ? here : dir)}`,
    { path: here },
  );
}
