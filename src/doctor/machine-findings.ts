// What this machine and these variables lack or lead to. Pure: facts in, findings out.
import { shellQuote } from '../options.js';
import type { DirectoryFacts, EnvironmentFacts } from './environment.js';
import type { Facts } from './facts.js';
import type { Finding } from './finding.js';
import type { MachineFacts } from './machine.js';
import { insideOf, isInside, type TmpfilesFacts } from './tmpfiles.js';

export const machineFindings = ({ machine, environment, tmpfiles }: Facts): Finding[] => [
  ...settingFindings(environment),
  ...environment.directories.flatMap(directoryFindings),
  ...processFindings(machine),
  ...toolFindings(machine),
  ...isolationFindings(machine, environment),
  ...(tmpfiles.isActive ? tmpfilesFindings(tmpfiles) : []),
];

const tmpfilesFindings = ({ ageing }: TmpfilesFacts): Finding[] =>
  ageing.slice(0, 1).map(({ dir, rule }) => ({
    weight: 'warning',
    code: 'tmpfiles',
    about: dir,
    text: `systemd-tmpfiles removes what is older than ${rule.age} there, living sessions included: ${rule.path} in ${rule.file}`,
    command: exclude(ageing),
  }));

const settingFindings = ({ settings, isReaping, state }: EnvironmentFacts): Finding[] => [
  ...settings.flatMap(({ name, error }): Finding[] =>
    error === null
      ? []
      : [
          {
            weight: 'problem',
            code: 'bad-setting',
            about: name,
            text: `refused: ${error}`,
            command: `unset ${name}`,
          },
        ],
  ),
  ...(isReaping
    ? []
    : [
        {
          weight: 'note' as const,
          code: 'reaper-off' as const,
          about: 'QW_REAP',
          text: 'qw-run does not look after sessions of dead owners: a server or qw-tmp reap has to',
          command: 'unset QW_REAP',
        },
      ]),
  ...(state.isWritable
    ? []
    : [
        {
          weight: 'note' as const,
          code: 'roots-forgotten' as const,
          about: state.dir,
          text: `it ${state.isOurs ? 'cannot be written' : 'is not safely yours'}: sessions under a root of your own choice are not found by qw-tmp later`,
          command: `${state.isOurs ? 'mkdir -p' : 'namei -l'} ${shellQuote(state.dir)}`,
        },
      ]),
];

/** qw-run replaces or removes most of these for its agents; everything else started here gets them. */
function directoryFindings({ name, value, isThere, goesWith }: DirectoryFacts): Finding[] {
  const found = (weight: Finding['weight'], text: string): Finding[] => [
    { weight, code: 'inherited', about: name, text, command: `unset ${name}` },
  ];
  if (goesWith === 'other session')
    return found('warning', `${value} lies in another session, and goes when that ends`);
  if (!isThere && TEMPORARY.has(name)) return found('warning', `${value} is not there: what needs it fails`);
  if (goesWith === 'own session' && !TEMPORARY.has(name))
    return found('note', `${value} lies in this session: what is kept there goes with it`);
  if (name.startsWith('CLAUDE_'))
    return found('note', `${value}: claude without qw-run writes there; qw-run takes the variable out`);
  return [];
}

function isolationFindings({ isolation }: MachineFacts, { settings }: EnvironmentFacts): Finding[] {
  const isWanted = settings.some(({ name, value }) => name === 'QW_ISOLATE' && value !== 'none');
  if (!isWanted || isolation === null) return [];
  return [
    {
      weight: 'problem',
      code: 'no-isolation',
      about: 'QW_ISOLATE',
      text: `every qw-run is refused: ${isolation}`,
      command: 'unset QW_ISOLATE',
    },
  ];
}

function processFindings({ platform, procfs, ps }: MachineFacts): Finding[] {
  const found: Finding[] = [];
  if (!procfs.isThere && platform === 'linux')
    found.push({
      weight: 'warning',
      code: 'no-procfs',
      about: '/proc',
      text: 'no procfs: what agents leave running is not seen, and dead sessions go by age only',
      command: 'sudo mount -t proc proc /proc',
    });
  if (!procfs.isThere && ps === null && platform !== 'win32')
    found.push({
      weight: 'warning',
      code: 'no-ps',
      about: 'ps',
      text: 'neither procfs nor, in the system’s directories, ps: nobody can tell whether an owner lives',
      command: 'sudo apt-get install procps',
    });
  if (procfs.hidepid !== null)
    found.push({
      weight: 'note',
      code: 'hidepid',
      about: '/proc',
      text: `mounted with hidepid=${procfs.hidepid}: programs that forbid to be looked at (ssh-agent, gpg-agent) and what sudo started are not seen`,
      command: 'sudo mount -o remount,hidepid=0 /proc',
    });
  if (procfs.isThere && !procfs.isBootIdReadable)
    found.push({
      weight: 'warning',
      code: 'boot-id',
      about: '/proc/sys/kernel/random/boot_id',
      text: 'it cannot be read: sessions from before a reboot look as if they lived elsewhere',
      command: 'cat /proc/sys/kernel/random/boot_id',
    });
  return found;
}

function toolFindings({ platform, watchdog, rm }: MachineFacts): Finding[] {
  if (platform === 'win32') return [];
  const found: Finding[] = [];
  if (watchdog.shell === null || watchdog.bins === null)
    found.push({
      weight: 'warning',
      code: 'no-watchdog',
      about: watchdog.shell === null ? '/bin/sh' : 'qw-watchdog.sh',
      text: 'not there: after kill -9 of an owner its session stays until the next pass of the reaper',
      command: watchdog.shell === null ? 'sudo apt-get install dash' : 'npm install -g qw-run',
    });
  if (!watchdog.hasFlock && platform === 'linux')
    found.push({
      weight: 'note',
      code: 'no-flock',
      about: 'flock',
      text: 'not in the system’s directories: sessions are not locked, so who cannot see their owner goes by age, systemd-tmpfiles too',
      command: 'sudo apt-get install util-linux',
    });
  if (rm === null)
    found.push({
      weight: 'warning',
      code: 'no-rm',
      about: 'rm',
      text: 'not in the system’s directories: very deep directories cannot be removed',
      command: 'sudo apt-get install coreutils',
    });
  else if (!rm.hasOneFileSystem && platform === 'linux')
    found.push({
      weight: 'note',
      code: 'rm-crosses',
      about: 'rm',
      text: `${rm.flavour} rm does not know --one-file-system and is not used: large sessions are removed more slowly`,
      command: 'sudo apt-get install coreutils',
    });
  return found;
}

const TEMPORARY = new Set(['TMPDIR', 'TMP', 'TEMP']);

/**
 * Lines that keep systemd-tmpfiles away, also from the sessions of other users: from the roots, or from what
 * a rule of theirs names.
 */
function exclude(ageing: TmpfilesFacts['ageing']): string {
  const lines = ageing.map(({ dir, rule }) => {
    const path = isInside(rule.path, dir) ? insideOf(rule.path) : dir.replace(/\/qw-\d+$/, '/qw-*');
    return `x ${path}\\n`;
  });
  return `sudo sh -c ${shellQuote(`printf ${shellQuote([...new Set(lines)].join(''))} > /etc/tmpfiles.d/qw-run.conf`)}`;
}
