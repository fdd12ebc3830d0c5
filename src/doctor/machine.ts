// What this machine offers to those who clean up: the process table, the watchdog's shell, isolation.
import { hostname, release } from 'node:os';
import { isolationRefusal } from '../isolate/keeper.js';
import { findTool, SHELL } from '../process/find-tool.js';
import { hasProcfs, ownRealm } from '../process/identity.js';
import { findFlock } from '../process/lock.js';
import { binsDirectory } from '../process/own-programs.js';
import { mountOf, readMounts } from '../root/mounts.js';
import { ownUid } from '../root/trusted.js';
import type { SettingFacts } from './environment.js';
import { type Finding, note, problem, warning } from './finding.js';

export interface MachineFacts {
  platform: NodeJS.Platform;
  kernel: string;
  host: string;
  node: string;
  uid: number;
  procfs: {
    isThere: boolean;
    /** Mount option that hides processes from us; null where none does. */
    hidepid: string | null;
    isBootIdReadable: boolean;
  };
  watchdog: {
    /** Where these are; null where there are none. Both are needed for a watchdog. */
    shell: string | null;
    bins: string | null;
    /** The system's `flock`, by which it locks. */
    hasFlock: boolean;
  };
  /** Why `--isolate` is refused here; null where it works. */
  isolation: string | null;
}

export async function examineMachine(): Promise<MachineFacts> {
  return {
    platform: process.platform,
    kernel: release(),
    host: hostname(),
    node: process.versions.node,
    uid: ownUid(),
    procfs: {
      isThere: hasProcfs(),
      hidepid: hidepidOf(mountOf('/proc', readMounts())?.options ?? []),
      isBootIdReadable: ownRealm().bootId !== '',
    },
    watchdog: {
      shell: findTool('sh') === undefined ? null : SHELL,
      bins: binsDirectory() ?? null,
      hasFlock: findFlock() !== undefined,
    },
    isolation: (await isolationRefusal()) ?? null,
  };
}

/** `hidepid=2`, also by name since Linux 5.8 (proc(5)). `0`, `off` and none hide nothing. Pure. */
export function hidepidOf(options: readonly string[]): string | null {
  const value = options.find((option) => option.startsWith('hidepid='))?.slice('hidepid='.length);
  return value === undefined || value === '0' || value === 'off' ? null : value;
}

/** Pure. */
export function* machineFindings(
  machine: MachineFacts,
  settings: readonly SettingFacts[],
): Iterable<Finding> {
  yield* processFindings(machine);
  if (machine.platform !== 'win32') yield* toolFindings(machine);
  const isWanted = settings.some(({ name, value }) => name === 'QW_ISOLATE' && value !== 'none');
  if (isWanted && machine.isolation !== null)
    yield problem('no-isolation', 'QW_ISOLATE', {
      text: `every qw-run is refused: ${machine.isolation}`,
      command: 'unset QW_ISOLATE',
    });
}

function* processFindings({ platform, procfs }: MachineFacts): Iterable<Finding> {
  const { isThere, hidepid } = procfs;
  if (!isThere && platform === 'linux')
    yield warning('no-procfs', '/proc', {
      text: 'no procfs: qw-run cannot see what agents leave running, and removes dead sessions by age only',
      command: 'sudo mount -t proc proc /proc',
    });
  if (hidepid !== null)
    yield note('hidepid', '/proc', {
      text:
        `mounted with hidepid=${hidepid}: programs that forbid to be looked at (ssh-agent, gpg-agent) ` +
        `and what sudo started are not seen`,
      command: 'sudo mount -o remount,hidepid=0 /proc',
    });
}

function* toolFindings({ platform, watchdog }: MachineFacts): Iterable<Finding> {
  const { shell, bins, hasFlock } = watchdog;
  if (shell === null || bins === null)
    yield warning('no-watchdog', shell === null ? '/bin/sh' : 'qw-watchdog.sh', {
      text: 'not there: after kill -9 of an owner its session stays until the next pass of the reaper',
      command: shell === null ? 'sudo apt-get install dash' : 'npm install -g qw-run',
    });
  if (!hasFlock && platform === 'linux')
    yield note('no-flock', 'flock', {
      text:
        'not in the system’s directories: sessions are not locked, so who cannot see their owner goes by ' +
        'age, systemd-tmpfiles too',
      command: 'sudo apt-get install util-linux',
    });
}
