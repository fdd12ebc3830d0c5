// The files by which a shell or a login gets a TMPDIR of its own, for all that an agent starts that way.
// Nothing is executed; only regular files of moderate size are read, and none that would make us wait.
import { isAbsolute, join } from 'node:path';
import { readText } from '../backends/agent-settings.js';
import { unlessItFails } from '../errors.js';
import { attempt, fs, quietly } from '../fs.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { edit, type Finding, note, warning } from './finding.js';
import { type Syntax, tmpdirSetIn } from './sets-tmpdir.js';

export interface StartFileFacts {
  path: string;
  /** Counted from 1. */
  line: number;
  /** What is written there: variables in it are not expanded. */
  value: string;
  /** Who reads it: a shell when it starts, a login (PAM, systemd), direnv in this directory. */
  kind: 'shell' | 'login' | 'direnv';
}

/** Those that set TMPDIR, the system's first. */
export function examineStartFiles(env: NodeJS.ProcessEnv): StartFileFacts[] {
  const mounts = readMounts();
  const { HOME: home, ZDOTDIR: zsh, XDG_CONFIG_HOME: config } = env;
  const places = [
    ...SYSTEM,
    ...(home && isAbsolute(home) ? ofUser(home, zsh || home, config || join(home, '.config')) : []),
    ...inDirectory(attempt(() => process.cwd())),
  ];
  return places
    .flatMap((place) => listed(place, mounts))
    .flatMap(({ path, kind, syntax }) => {
      const text = muteOn(path, mounts) ? undefined : unlessItFails(() => readText(path, MAX_BYTES));
      const setting = text && tmpdirSetIn(text, syntax);
      return setting ? [{ path, ...setting, kind }] : [];
    });
}

/** A path that ends with `/*.EXT` stands for the files in that directory. */
type StartFile = Pick<StartFileFacts, 'path' | 'kind'> & { syntax: Syntax };

const shell = (path: string, syntax: Syntax = 'sh'): StartFile => ({ path, kind: 'shell', syntax });
const login = (path: string): StartFile => ({ path, kind: 'login', syntax: 'variables' });

const SYSTEM: readonly StartFile[] = [
  login('/etc/environment'),
  login('/etc/environment.d/*.conf'),
  ...['profile', 'profile.d/*.sh', 'bash.bashrc', 'bashrc'].map((name) => shell(`/etc/${name}`)),
  ...['zshenv', 'zprofile', 'zshrc', 'zlogin'].flatMap((name) => [
    shell(`/etc/zsh/${name}`),
    shell(`/etc/${name}`),
  ]),
  ...['config.fish', 'conf.d/*.fish'].map((name) => shell(`/etc/fish/${name}`, 'fish')),
];

const ofUser = (home: string, zsh: string, config: string): StartFile[] => [
  login(join(home, '.pam_environment')),
  login(join(config, 'environment.d/*.conf')),
  ...['.profile', '.bash_profile', '.bash_login', '.bashrc'].map((name) => shell(join(home, name))),
  ...['.zshenv', '.zprofile', '.zshrc', '.zlogin'].map((name) => shell(join(zsh, name))),
  ...['config.fish', 'conf.d/*.fish'].map((name) => shell(join(config, 'fish', name), 'fish')),
];

const inDirectory = (cwd: string | undefined): StartFile[] =>
  cwd === undefined ? [] : [{ path: join(cwd, '.envrc'), kind: 'direnv', syntax: 'sh' }];

function listed(place: StartFile, mounts: readonly Mount[]): StartFile[] {
  const [, dir, ext = ''] = /^(.*)\/\*(\.\w+)$/.exec(place.path) ?? [];
  if (dir === undefined) return [place];
  const names = muteOn(dir, mounts) ? [] : (quietly(() => fs.readdirSync(dir)) ?? []);
  return names
    .filter((name) => name.endsWith(ext))
    .sort()
    .slice(0, MOST_FILES)
    .map((name) => ({ ...place, path: join(dir, name) }));
}

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
