// What a plan depends on: the files and directories that a shell looks at before it goes by one, and what
// stat(1) says of them.
import { dirname, join } from 'node:path';
import { settingsFiles } from '../backends/agent-settings.js';
import { realPathOf } from '../backends/command-target.js';
import { attempt, fs } from '../fs.js';
import { OWN_NODE, type Program, programPaths } from '../process/find-tool.js';
import { runTool } from '../process/run-tool.js';
import { rootMarker } from '../root/layout.js';
import { isServed, mountOf, readMounts } from '../root/mounts.js';
import type { Known } from '../session/known.js';

export interface Seen {
  /** Wholly as they were. */
  files: string[];
  /** The same directories, with the same owner and mode, whatever is in them. */
  dirs: string[];
  absent: string[];
}

/** All that the start depends on; undefined where that cannot be told. */
export function filesOf({ root, profile, settings, lease }: Known, bins: string): Seen | undefined {
  const { command, env, cwd } = settings;
  const [program = ''] = command;
  const paths = programPaths(program, cwd, env);
  const found = paths.findIndex((path) => attempt(() => fs.statSync(path))?.isFile());
  if (found < 0) return undefined;
  const read = settingsFiles(profile, settings);
  const before = program.includes('/') ? [] : paths.slice(0, found + 1).map((path) => dirname(path));
  const real = realPathOf({ word: program, kind: 'program', argsAt: 1 }, settings);
  const wanted = [...read, ...before];
  // Asked once: what comes or goes now is in one of the lists.
  const there = wanted.filter((path) => fs.existsSync(path));
  return {
    files: [
      ...['qw-run-main.cjs', 'qw-watchdog.cjs', 'qw-prep.sh'].map((name) => join(bins, name)),
      ...[OWN_NODE, rootMarker(root), ...new Set([paths[found] as string, ...(real ? [real] : [])])],
      ...there,
    ],
    dirs: [
      ...above(root),
      '/proc/self/ns/pid',
      ...(lease.now().owner.timeNamespace ? ['/proc/self/ns/time'] : []),
    ],
    absent: wanted.filter((path) => !there.includes(path)),
  };
}

const above = (path: string): string[] => (path === dirname(path) ? [path] : [path, ...above(dirname(path))]);

/**
 * As the shell will ask: the same program, the same words. For each a pattern of what it will see: more
 * comes behind it there.
 */
export async function sightsOf(
  { env, stat }: { env: Program; stat: Program },
  { files, dirs }: Seen,
): Promise<string[] | undefined> {
  const all = [...files, ...dirs];
  // A shell that looks where nobody answers waits for good.
  const mounts = readMounts();
  const isServedAt = (path: string) => {
    const mount = mountOf(path, mounts);
    return mount !== undefined && isServed(mount);
  };
  if (all.some(isServedAt)) return undefined;
  const args = ['TZ=UTC0', stat, '-L', '-c', '%i %s %z %d %f %u', '--', ...all];
  const { code, stdout } = await runTool(env, args, { hears: true });
  const lines = stdout.split('\n').filter(Boolean);
  if (code !== 0 || lines.length !== all.length) return undefined;
  if (lines.some((line) => !/^[\w :+.-]+$/.test(line))) return undefined; // the shell's patterns
  return lines.map((line, at) => {
    const [inode, size, day, time, , device, mode, owner] = line.split(' ');
    return at < files.length
      ? `${inode} ${size} ${day} ${time} *`
      : `${inode} * ${device} ${mode} ${owner} *`;
  });
}
