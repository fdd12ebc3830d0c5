// What is done to an agent while its command runs, and what must not happen meanwhile.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, kill } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Scenario } from '../scenario.js';
import { LOOK, others, WATCHDOG } from './processes.js';

export interface Target {
  /** What was started: the agent or its wrapper. */
  started: number;
  root: string;
  isWrapped: boolean;
}

const PATIENCE = { timeoutMs: 40_000 };

/** Sends the signal. Where it took the wrapper, the agent has to go on undisturbed; then its command is let go. */
export async function strike(scenario: Scenario, { started, root, isWrapped }: Target): Promise<string[]> {
  if (!scenario.blow) return [];
  const { signal, to } = scenario.blow;
  const agent = isWrapped ? agentOf(root) : started;
  kill(to === 'agent' ? agent : started, signal);
  if (!scenario.isWrapperKilled) return [];
  const wrong = [
    ...(await watchdogLooks()),
    ...(isAlive(agent) ? [] : ['the agent is gone']),
    ...(sessionsIn(root).length > 0 ? [] : ['its TMPDIR is gone']),
  ];
  for (const one of others()) if (one.name === 'command') kill(one.pid, 'SIGTERM');
  await waitUntil('the agent ends', () => !isAlive(agent), PATIENCE).catch(() =>
    wrong.push('the agent goes on'),
  );
  return wrong;
}

export interface Held {
  /** What ran before all were ended; undefined where nobody holds TMPDIR. */
  held: string[] | undefined;
  wrong: string[];
}

/** Whoever uses TMPDIR after the end lives on, and TMPDIR with it; then all are ended. */
export async function holdOn(
  { holder }: Scenario,
  { root, isWrapped }: Omit<Target, 'started'>,
): Promise<Held> {
  if (holder === undefined || !isWrapped) return { held: undefined, wrong: [] };
  const wrong = [
    ...(await watchdogLooks()),
    ...(others().some(({ name }) => name === holder) ? [] : [`${holder} is gone`]),
    ...(sessionsIn(root).length > 0 ? [] : ['its TMPDIR is gone']),
  ];
  const running = others().filter(({ name }) => name !== WATCHDOG && name !== LOOK);
  for (const { pid } of running) kill(pid, 'SIGKILL');
  return { held: running.map(({ name }) => name).sort(), wrong };
}

/** Waits until qw-run's watchdog has looked after its sessions once; what is wrong if it does not. */
async function watchdogLooks(): Promise<string[]> {
  const looks = () => others().some(({ name }) => name === LOOK);
  try {
    await waitUntil('the watchdog looks', looks, PATIENCE);
    await waitUntil('the watchdog has looked', () => !looks(), PATIENCE);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Directories of sessions that have a TMPDIR. */
const sessionsIn = (root: string): string[] =>
  existsSync(root)
    ? readdirSync(root)
        .map((id) => join(root, id))
        .filter((dir) => existsSync(join(dir, 'tmp')))
    : [];

/** Whom the only lease names. */
export function agentOf(root: string): number {
  const [dir = ''] = sessionsIn(root);
  return JSON.parse(readFileSync(join(dir, 'lease.json'), 'utf8')).agent.pid;
}
