// What this machine offers to those who clean up: the process table, the watchdog's shell, the remover, who
// else cleans here.
import { hostname, release } from 'node:os';
import { isolationRefusal } from '../isolate/keeper.js';
import { binsDirectory } from '../process/bins.js';
import { findTool, type Program, SHELL } from '../process/find-tool.js';
import { hasProcfs, ownRealm } from '../process/identity.js';
import { findFlock } from '../process/lock.js';
import { runTool } from '../process/run-tool.js';
import { mountOf, readMounts } from '../root/mounts.js';
import { ownUid } from '../root/trusted.js';

export interface MachineFacts {
  platform: NodeJS.Platform;
  kernel: string;
  host: string;
  node: string;
  uid: number;
  procfs: ProcfsFacts;
  watchdog: WatchdogFacts;
  rm: RmFacts | null;
  /** Why `--isolate` is refused here; null where it works. */
  isolation: string | null;
  /** Needed where there is no procfs only. */
  ps: string | null;
}

export interface WatchdogFacts {
  /** Where these are; null where there are none. Both are needed for a watchdog. */
  shell: string | null;
  bins: string | null;
  /** The system's `flock`, by which it locks. */
  hasFlock: boolean;
}

export interface ProcfsFacts {
  isThere: boolean;
  /** Mount option that hides processes from us; null where none does. */
  hidepid: string | null;
  isBootIdReadable: boolean;
}

export interface RmFacts {
  flavour: 'GNU' | 'BusyBox' | 'uutils' | 'other';
  /** It stays on one file system when told so. */
  hasOneFileSystem: boolean;
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
    rm: await examineRm(),
    isolation: (await isolationRefusal()) ?? null,
    ps: findTool('ps') ?? null,
  };
}

/** Its roots are locked while somebody watches over a session in them. */
export const locksRoots = ({ shell, bins, hasFlock }: WatchdogFacts): boolean =>
  shell !== null && bins !== null && hasFlock;

/** `hidepid=2`, also by name since Linux 5.8 (proc(5)). `0`, `off` and none hide nothing. Pure. */
export function hidepidOf(options: readonly string[]): string | null {
  const value = options.find((option) => option.startsWith('hidepid='))?.slice('hidepid='.length);
  return value === undefined || value === '0' || value === 'off' ? null : value;
}

async function examineRm(): Promise<RmFacts | null> {
  if (process.platform === 'win32') return null; // not needed: Node removes there
  const rm = findTool('rm');
  if (rm === undefined) return null;
  return rmFlavour(`${await said(rm, '--version')}\n${await said(rm, '--help')}`);
}

/** What `rm --version` and `rm --help` printed. Pure. */
export function rmFlavour(text: string): RmFacts {
  const hasOneFileSystem = text.includes('--one-file-system');
  const flavour = /uutils/i.test(text)
    ? 'uutils'
    : /BusyBox/.test(text)
      ? 'BusyBox'
      : /GNU coreutils/.test(text)
        ? 'GNU'
        : 'other';
  return { flavour, hasOneFileSystem };
}

async function said(program: Program, option: string): Promise<string> {
  const { stdout, stderr } = await runTool(program, [option], { hears: true, timeoutMs: ASK_MS });
  return `${stdout}\n${stderr}`;
}

const ASK_MS = 2_000;
