// Claude's background sessions as others see them: their commands, and who has which TMPDIR.
import { existsSync, readdirSync } from 'node:fs';
import { isAlive } from '../../../helpers/processes.js';
import { read } from './files.js';
import { others } from './processes.js';
import { ROOT } from './story.js';

/** A command of a session, which is there. */
export interface Working {
  pid: number;
  tmpdir: string;
}

export const working = (): Working[] =>
  others()
    .filter(({ name }) => name === 'command')
    .map(({ pid }) => ({ pid, tmpdir: variable(pid, 'TMPDIR') }));

export const isWell = ({ pid, tmpdir }: Working): boolean => isAlive(pid) && existsSync(tmpdir);

/** The processes of sessions, without the spare that waits; one that forks is there twice for a moment. */
export function sessions(): Working[] {
  const all = byArguments(/^[^ ]+ (--bg-spare|--session-id) /)
    .map(({ pid }) => ({ pid, tmpdir: variable(pid, 'TMPDIR') }))
    .filter(({ tmpdir }) => isUsed(tmpdir));
  return [...new Map(all.reverse().map((one) => [one.tmpdir, one])).values()];
}

const isUsed = (tmpdir: string): boolean =>
  existsSync(tmpdir) && readdirSync(tmpdir).some((name) => name.startsWith('claude-'));

/** Daemon and hosts of terminals. */
export const managers = (): { pid: number }[] => byArguments(/ (daemon run|--bg-pty-host) /);
/** All that goes with the daemon. */
export const ofDaemon = (): { pid: number }[] =>
  byArguments(/ (daemon run|--bg-pty-host|--bg-spare|--session-id) /);

const byArguments = (pattern: RegExp): { pid: number }[] =>
  others().filter(({ pid }) => pattern.test(read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')));

/** Of its environment; empty where it has none. */
export const variable = (pid: number, name: string): string =>
  read(`/proc/${pid}/environ`)
    .split('\0')
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? '';

/** Ids of our own. */
export const ourSessions = (): string[] =>
  existsSync(ROOT) ? readdirSync(ROOT).filter((name) => /^[a-z0-9]{8}$/.test(name)) : [];
