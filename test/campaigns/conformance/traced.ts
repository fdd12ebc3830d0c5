// The same steps as `at-step.cjs` counts, as the kernel sees them: qw-run's own system calls under strace, and SIGKILL in place of one
// of them. Its main thread alone is traced: whatever changes a disk or processes is done there.
import { spawnSync } from 'node:child_process';
import type { Scene } from '../../helpers/scene.js';
import { inWords, linesOf, logOf, type Stepped, untilExit } from './steps.js';

/** One system call, by its name and its number among those of that name. */
export interface Call {
  name: string;
  nth: number;
}

/** The last of its steps is where it died; where that changes nothing, it came before the next step. */
export interface Traced extends Stepped {
  /** For each of the steps. */
  calls: Call[];
}

/** Why it cannot be used here, or false. */
export function noStrace(): string | false {
  const { status } = spawnSync('strace', ['-o', '/dev/null', '-y', 'true'], { stdio: 'ignore' });
  return status === 0 ? false : 'no strace, or it may not trace';
}

/** Runs `args` until its end, or SIGKILLs it in place of `death`. `spawned` names what is started, in order. */
export async function traced(
  here: Scene,
  args: string[],
  { death, spawned, env }: { death?: Call | undefined; spawned: readonly string[]; env?: NodeJS.ProcessEnv },
): Promise<Traced> {
  const log = logOf(here);
  const inject = death ? ['-e', `inject=${death.name}:signal=KILL:when=${death.nth}`] : [];
  const trace = ['-o', log, '-y', '-s', '1', '-e', `trace=${CALLS.map((name) => `?${name}`)}`, ...inject];
  const program = {
    file: 'strace',
    args: [...trace, '--', process.execPath, ...args],
    ...(env ? { env } : {}),
  };
  const ended = await untilExit(here, log, program);
  const found = changes(linesOf(log), spawned);
  return {
    ...ended,
    steps: found.map(({ text }) => inWords(text, here)),
    calls: found.map(({ call }) => call),
  };
}

interface Change {
  call: Call;
  text: string;
}

/** Those of the calls that change something. */
function changes(lines: readonly string[], spawned: readonly string[]): Change[] {
  const counts = new Map<string, number>();
  const paths = new Map<string, string>();
  const programs = [...spawned];
  return lines.flatMap((line) => {
    const [, name = '', rest = ''] = /^(\w+)\((.*)$/.exec(line) ?? [];
    const call = { name, nth: (counts.get(name) ?? 0) + 1 };
    counts.set(name, call.nth);
    const [, fd = '', path = ''] = / = (\d+)<(.*)>$/.exec(rest) ?? [];
    const said = inText(name, rest, (number) => paths.get(number) ?? number, programs);
    if (name === 'openat' && fd) paths.set(fd, path);
    // No result: here it died.
    const text = said ?? (rest.endsWith('= ?') ? `${name}, looking` : undefined);
    return text === undefined ? [] : [{ call, text }];
  });
}

function inText(
  name: string,
  rest: string,
  pathOf: (fd: string) => string,
  programs: string[],
): string | undefined {
  const verb = name.replace(/at2?$|64$/, '').replace(/^p(?=write)/, '');
  const strings = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replace(/^\/proc\/self\/fd\/(\d+)/, (_, fd: string) => pathOf(fd)),
  );
  const [, fd = '', opened = '', gone = ''] = /^(\d+)<(\/.*?)>(\(deleted\))?(?=[,)])/.exec(rest) ?? [];
  if (SPAWNS.test(name)) return rest.includes('CLONE_THREAD') ? undefined : `spawn ${programs.shift()}`;
  if (name === 'kill') return /SIG\w+/.test(rest) ? `kill ${/SIG\w+/.exec(rest)?.[0]}` : undefined;
  if (verb === 'open') return /O_WRONLY|O_RDWR|O_CREAT/.test(rest) ? `open ${strings[0]}` : undefined;
  if (ON_DESCRIPTORS.includes(name))
    return Number(fd) > 2 ? `${verb} ${opened}${gone && ' (deleted)'}` : undefined;
  return CALLS.includes(name) ? `${verb} ${strings.join(' ')}` : undefined;
}

const SPAWNS = /^(clone3?|v?fork)$/;
const ON_DESCRIPTORS = [
  'fchmod',
  'fchown',
  'ftruncate',
  'fallocate',
  'fsync',
  'fdatasync',
  'write',
  'pwrite64',
];
const CALLS = [
  ...ON_DESCRIPTORS,
  ...['mkdir', 'mkdirat', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir', 'link', 'linkat'],
  ...['symlink', 'symlinkat', 'mknod', 'mknodat', 'chmod', 'fchmodat', 'chown', 'utimensat'],
  ...['truncate', 'openat', 'kill', 'clone', 'clone3', 'fork', 'vfork'],
];
