// Whether the agent really got the session's TMPDIR: a spawner may have set another one after `env()`, and
// nothing else would show it before the disk is full of what the session was opened for.
import { quietly } from '../fs.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { linkOf, readAtOnce, readEnviron } from '../process/procfs.js';
import { variable } from '../process/variables.js';
import { isWithin } from '../root/layout.js';

/** What a process runs, and in which environment. */
export interface Image {
  environ: string | undefined;
  cmdline: string | undefined;
  exe: string | undefined;
}

/**
 * What is wrong with the agent's TMPDIR; undefined where it is as it should be. `later`: it cannot be known
 * yet. Between fork(2) and the end of exec(2) a process shows its parent's environment, then none. Pure.
 */
export function judgeTmpdir(
  agent: Image,
  own: Image,
  { tmpdirs, isLast }: { tmpdirs: readonly string[]; isLast: boolean },
): { wrong: string } | 'later' | undefined {
  const { environ, cmdline, exe } = agent;
  const isForked = environ === own.environ && cmdline === own.cmdline && exe === own.exe;
  if (environ === undefined || isForked || (environ === '' && !(isLast && cmdline))) return 'later';
  const tmpdir = variable(environ, 'TMPDIR');
  if (tmpdir !== undefined && tmpdirs.some((one) => isWithin(one, tmpdir))) return undefined;
  return { wrong: tmpdir === undefined ? 'the agent has no TMPDIR' : `the agent's TMPDIR is ${tmpdir}` };
}

export interface Watched {
  agent: ProcessIdentity;
  /** The session's: by the name that the agent knows first. */
  tmpdirs: readonly string[];
  /** The session goes on. */
  isOpen(): boolean;
  warn(line: string): void;
}

/**
 * Looks at once, and again within a second, for a launcher may set another one in a later exec; once more,
 * later, where nothing can be known yet. Keeps no process alive.
 */
export function checkTmpdir(watched: Watched, looks: readonly number[] = LOOKS_MS): void {
  const { agent, tmpdirs, isOpen, warn } = watched;
  if (!isOpen()) return;
  const found = quietly(() => {
    const image = imageOf(agent.pid);
    if (!isAlive(agent)) return undefined;
    return judgeTmpdir(image, imageOf('self'), { tmpdirs, isLast: looks.length < LATE });
  });
  const [next, ...later] = looks;
  const isOver = typeof found === 'object' || (found === undefined && looks.length < LATE);
  if (next !== undefined && !isOver) setTimeout(checkTmpdir, next, watched, later).unref();
  if (typeof found === 'object')
    warn(`${found.wrong}, not ${tmpdirs[0]}: its files go past the session; spawn it with env() as it is`);
}

/** Of one program: an exec in between would show the environment of one with the name of another. */
function imageOf(pid: number | 'self'): Image {
  const environ = readEnviron(pid);
  const cmdline = readAtOnce(`/proc/${pid}/cmdline`);
  const exe = linkOf(pid, 'exe');
  return { environ: readEnviron(pid) === environ ? environ : undefined, cmdline, exe };
}

/** Each after the one before: five looks within a second, then a late one. */
const LOOKS_MS = [50, 150, 300, 400, 2_500];
const LATE = 2;
