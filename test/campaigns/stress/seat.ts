// A seat of the storm: one session after another, whose wrapper is SIGKILLed, told to end, or left alone.
import { setTimeout as pause } from 'node:timers/promises';
import { type Running, start } from '../../helpers/cli.js';
import { fixture, qwRun } from '../../helpers/paths.js';
import { isAlive, kill } from '../../helpers/processes.js';
import type { Scene } from '../../helpers/scene.js';
import type { Company } from './company.js';
import type { Tally } from './tally.js';

export interface SeatOptions {
  scene: Scene;
  tally: Tally;
  company: Company;
  /** Where the agents write what came of their files. */
  results: string;
  random: () => number;
  /** What the next companion is. */
  next: () => string;
  /** Longest life of an agent. */
  lifeMs: number;
  /** Nobody waits for an agent beyond this time. */
  until: number;
}

/** One session; resolves when its wrapper is gone and its agent should be. */
export async function sit(options: SeatOptions): Promise<void> {
  const { random, lifeMs, tally, company, next, until } = options;
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  const life = between(200, lifeMs);
  const companions = Array.from({ length: between(0, 4) }, next);
  const isAsked = random() < 0.25 || (companions.includes('private-child') && random() < 0.7);
  tally.sessionsStarted += 1;
  const flags = [...(random() < 0.4 ? ['--no-watchdog'] : []), ...(isAsked ? ['--grace', '1m'] : [])];
  const wrapper = open(options, flags, life, [...(isAsked ? ['ask'] : []), ...companions]);
  if (isAsked) return ask(options, wrapper, between(0, life));
  // Some while it starts, some around the agent's end, some never.
  const killAfter = random() < 0.7 ? between(0, random() < 0.3 ? 200 : life + 300) : Infinity;
  if (killAfter !== Infinity) await endsWithin(wrapper, killAfter);
  const wasKilled = killAfter !== Infinity && isAlive(wrapper.pid);
  if (wasKilled) kill(wrapper.pid, 'SIGKILL');
  if (wasKilled) company.fates.set(wrapper.pid, 'killed');
  tally.wrappersKilled += Number(wasKilled);
  await wrapper.done;
  // The agent lives on without it, and this seat is taken as long.
  if (wasKilled) await pause(Math.min(life - killAfter, until - performance.now()));
}

function open(
  { scene, results, company }: SeatOptions,
  flags: string[],
  life: number,
  words: string[],
): Running {
  const agent = [
    process.execPath,
    fixture('verify-own-files.mjs'),
    results,
    String(life),
    company.file,
    ...words,
  ];
  return start(qwRun, [...flags, '--', ...agent], { ...scene.options, stdio: 'ignore' });
}

/** Not before the agent's company is there: whoever is about to become somebody else is a member like any other. */
async function ask({ company, tally }: SeatOptions, wrapper: Running, afterMs: number): Promise<void> {
  const isThere = () => {
    company.read();
    return [...company.agents.values()].some((agent) => agent.wrapper === wrapper.pid);
  };
  while (!isThere() && !(await endsWithin(wrapper, 50)));
  if (await endsWithin(wrapper, afterMs)) return;
  wrapper.child.kill('SIGTERM');
  company.fates.set(wrapper.pid, 'told to end');
  tally.wrappersAsked += 1;
  await wrapper.done;
}

const endsWithin = (wrapper: Running, ms: number): Promise<boolean> =>
  Promise.race([wrapper.done.then(() => true), pause(ms, false)]);
