// The files by which a shell or a login gets a TMPDIR of its own, for all that an agent starts that way.
// Nothing is executed: plain lines are read, of regular files of moderate size that do not make us wait.
import { isAbsolute, join } from 'node:path';
import { readText } from '../backends/agent-settings.js';
import { unlessItFails } from '../errors.js';
import { attempt, fs, quietly } from '../fs.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { edit, type Finding, note, warning } from './finding.js';

export interface StartFileFacts {
  path: string;
  /** Counted from 1. */
  line: number;
  /** What is written there: variables in it are not expanded. */
  value: string;
  /** Who reads it: a shell when it starts, a login (PAM, systemd), direnv in this directory. */
  kind: 'shell' | 'login' | 'direnv';
}

/** `HOME`, `ZSH`, `CONFIG` and `CWD` stand for those directories, a star for all of that ending. */
const FILES: readonly [kind: StartFileFacts['kind'], paths: string][] = [
  ['login', '/etc/environment /etc/environment.d/*.conf'],
  ['shell', '/etc/profile /etc/profile.d/*.sh /etc/bash.bashrc /etc/bashrc'],
  ['shell', '/etc/zsh/zshenv /etc/zsh/zprofile /etc/zsh/zshrc /etc/zsh/zlogin'],
  ['shell', '/etc/zshenv /etc/zprofile /etc/zshrc /etc/zlogin /etc/fish/config.fish /etc/fish/conf.d/*.fish'],
  ['login', 'HOME/.pam_environment CONFIG/environment.d/*.conf'],
  ['shell', 'HOME/.profile HOME/.bash_profile HOME/.bash_login HOME/.bashrc'],
  ['shell', 'ZSH/.zshenv ZSH/.zprofile ZSH/.zshrc ZSH/.zlogin'],
  ['shell', 'CONFIG/fish/config.fish CONFIG/fish/conf.d/*.fish'],
  ['direnv', 'CWD/.envrc'],
];

/** Those that set TMPDIR, the system's first. */
export function examineStartFiles(env: NodeJS.ProcessEnv): StartFileFacts[] {
  const mounts = readMounts();
  const home = env['HOME'] && isAbsolute(env['HOME']) ? env['HOME'] : undefined;
  const places: Record<string, string | undefined> = {
    HOME: home,
    ZSH: home && (env['ZDOTDIR'] || home),
    CONFIG: home && (env['XDG_CONFIG_HOME'] || join(home, '.config')),
    CWD: attempt(() => process.cwd()),
  };
  return FILES.flatMap(([kind, paths]) =>
    paths
      .split(' ')
      .flatMap((path) => {
        const [first = '', ...rest] = path.split('/');
        const top = first === '' ? '/' : places[first];
        return top === undefined ? [] : listed(join(top, ...rest), mounts);
      })
      .flatMap((path) => {
        const text = muteOn(path, mounts) ? undefined : unlessItFails(() => readText(path, MAX_BYTES));
        const setting = text && tmpdirSetIn(text);
        return setting ? [{ path, ...setting, kind }] : [];
      }),
  );
}

function listed(path: string, mounts: readonly Mount[]): string[] {
  const [, dir, ending = ''] = /^(.*)\/\*(\.\w+)$/.exec(path) ?? [];
  if (dir === undefined) return [path];
  const names = muteOn(dir, mounts) ? [] : (quietly(() => fs.readdirSync(dir)) ?? []);
  const meant = names.filter((name) => name.endsWith(ending)).sort();
  return meant.slice(0, MOST_FILES).map((name) => join(dir, name));
}

/** The last line that sets it: that one counts. None of a file that asks whether there is one. */
export function tmpdirSetIn(text: string): Pick<StartFileFacts, 'line' | 'value'> | undefined {
  if (ASKS.test(text)) return undefined;
  const found = text.split('\n').flatMap((line, at) => {
    const [, value = ''] = (line.length <= LONGEST_LINE && SETS.exec(line)) || [];
    return value === '' || value.includes('TMPDIR')
      ? []
      : [{ line: at + 1, value: value.replace(/["']/g, '') }];
  });
  return found.at(-1);
}

/**
 * `export TMPDIR=/t`, `TMPDIR=/t` alone (before a command it is that command's), `TMPDIR DEFAULT=/t` of PAM,
 * `set -gx TMPDIR /t` of fish; behind another command of the line, too.
 */
const SETS = new RegExp(
  String.raw`^(?:[^#"']*(?:;|&&|\bthen|\belse)\s*|\s*)` +
    String.raw`(?:(?:(?:export|declare|typeset)\s(?:.*\s)?)?TMPDIR(?:\s+DEFAULT)?=` +
    String.raw`|set\s(?:-\S+\s+)+TMPDIR\s+)` +
    String.raw`("[^"]*"|'[^']*'|\$\([^)]*\)|[^\s;&#"']+)\s*(?:$|[;#&])`,
);
const ASKS = /-z\s+"?\$\{?TMPDIR|-v\s+TMPDIR|set\s+-q\s+TMPDIR/;

/** Pure. */
export const startFileFinding = ({ path, line, value, kind }: StartFileFacts): Finding =>
  (kind === 'login' ? note : warning)('start-file', path, {
    text: `${WHO[kind]} of agents get TMPDIR=${value} from ${path}:${line}: their files go past the session`,
    command: `${path.startsWith('/etc/') ? 'sudo ' : ''}${edit(path)}`,
  });

const WHO: Record<StartFileFacts['kind'], string> = {
  shell: 'login shells and shells with a prompt',
  login: 'logins (su -, sudo -i, ssh)',
  direnv: 'shells with direnv in this directory',
};
const MAX_BYTES = 2 ** 20;
const MOST_FILES = 100;
const LONGEST_LINE = 4_096;
