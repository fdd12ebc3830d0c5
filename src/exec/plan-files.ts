// What a plan depends on: the files and directories that a shell looks at before it goes by one, and what
// stat(1) says of them.
import { dirname, join } from 'node:path';
import { realPathOf } from '../backends/find-program.js';
import { attempt, fs } from '../fs.js';
import { findTool, OWN_NODE, type Program } from '../process/find-tool.js';
import { programPaths } from '../process/program-paths.js';
import { runTool } from '../process/run-tool.js';
import { rootMarker } from '../root/layout.js';
import { isServed, type Mount, mountOf, readMounts } from '../root/mounts.js';
import type { OpenedFor } from './open-for.js';

export interface Seen {
  /** Wholly as they were. */
  files: string[];
  /** The same directories, with the same owner and mode, whatever is in them. */
  dirs: string[];
  absent: string[];
}

/** All that the start depends on; undefined where that cannot be told. */
export async function filesOf({
  opened,
  bins,
  program,
  env,
  cwd,
}: {
  opened: OpenedFor;
  bins: string;
  program: string;
  env: NodeJS.ProcessEnv;
  cwd: string;
}): Promise<Seen | undefined> {
  const paths = programPaths(program, cwd, env);
  const found = paths.findIndex((path) => attempt(() => fs.statSync(path))?.isFile());
  if (found < 0) return undefined;
  const { settings } = opened.profile;
  const wanted = settings?.files({ env, home: env['HOME'] ?? '', cwd }) ?? [];
  const before = program.includes('/') ? [] : paths.slice(0, found + 1).map((path) => dirname(path));
  const real = realPathOf({ word: program, kind: 'program', argsAt: 1 }, { env, cwd });
  const [there, absent] = split([...wanted, ...before]);
  return {
    files: [
      ...['qw-run-main.cjs', 'qw-watchdog.cjs', 'qw-prep.sh'].map((name) => join(bins, name)),
      ...[OWN_NODE, rootMarker(opened.root), paths[found] as string, ...(real ? [real] : []), ...there],
    ],
    dirs: [
      ...above(opened.root),
      '/proc/self/ns/pid',
      ...(opened.lease.owner.timeNamespace ? ['/proc/self/ns/time'] : []),
    ],
    absent,
  };
}

function split(paths: readonly string[]): [there: string[], absent: string[]] {
  const isThere = (path: string) => fs.existsSync(path);
  return [paths.filter(isThere), paths.filter((path) => !isThere(path))];
}

const above = (path: string): string[] => (path === dirname(path) ? [path] : [path, ...above(dirname(path))]);

/** As the shell will ask: the same program, the same words. */
export async function sightsOf(stat: Program, { files, dirs }: Seen): Promise<string[] | undefined> {
  const all = [...files, ...dirs];
  // A shell that looks where nobody answers waits for good.
  const mounts = readMounts();
  const isAnswered = (path: string) => !isServed(mountOf(path, mounts) ?? NOWHERE);
  if (!all.every(isAnswered)) return undefined;
  const args = ['TZ=UTC0', stat, '-L', '-c', '%f %u %d:%i %s %z', '--', ...all];
  const env = findTool('env');
  const { code, stdout } = env ? await runTool(env, args, { hears: true }) : { code: 1, stdout: '' };
  const lines = stdout.split('\n').filter(Boolean);
  if (code !== 0 || lines.length !== all.length) return undefined;
  return all.flatMap((path, at) => {
    const line = lines[at] as string;
    const sight = at < files.length ? line : `${line.split(' ').slice(0, 3).join(' ')} `;
    return [`file ${path}`, `sees ${sight}`];
  });
}

const NOWHERE: Mount = { point: '/', device: '', root: '/', type: '', options: [] };
