// What this machine lacks or leads to. Pure: facts in, findings out.
import type { EnvironmentFacts } from './environment.js';
import type { Facts } from './facts.js';
import type { Finding } from './finding.js';
import type { MachineFacts } from './machine.js';
import { tmpfilesFindings } from './tmpfiles.js';

export const machineFindings = ({ machine, environment, tmpfiles }: Facts): Finding[] => [
  ...processFindings(machine),
  ...toolFindings(machine),
  ...isolationFindings(machine, environment),
  ...tmpfilesFindings(tmpfiles),
];

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
      text: 'no procfs: qw-run cannot see what agents leave running, and removes dead sessions by age only',
      command: 'sudo mount -t proc proc /proc',
    });
  if (!procfs.isThere && ps === null && platform !== 'win32')
    found.push({
      weight: 'warning',
      code: 'no-ps',
      about: 'ps',
      text: 'no procfs, and no ps in the system’s directories: qw-run cannot tell whether an owner lives',
      command: 'sudo apt-get install procps',
    });
  if (procfs.hidepid !== null)
    found.push({
      weight: 'note',
      code: 'hidepid',
      about: '/proc',
      text:
        `mounted with hidepid=${procfs.hidepid}: programs that forbid to be looked at (ssh-agent, ` +
        `gpg-agent) and what sudo started are not seen`,
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
      text:
        'not in the system’s directories: sessions are not locked, so who cannot see their owner ' +
        'goes by age, systemd-tmpfiles too',
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
      text:
        `${rm.flavour} rm does not know --one-file-system and is not used: large sessions are ` +
        `removed more slowly`,
      command: 'sudo apt-get install coreutils',
    });
  return found;
}
