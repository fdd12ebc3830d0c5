// Stops one actor at a step, lets another run to its end, and the first go on.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, kill } from '../../helpers/processes.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { type Actor, falseWords, wrongEnd } from './actors.js';
import type { Stage } from './stage.js';
import type { Step, Stepped, Stepping } from './steps.js';

export interface Meeting {
  first: Actor;
  second: Actor;
  /** Where the first is stopped. */
  step: Step;
}

export interface Met {
  /** False when that step did not come. */
  isStopped: boolean;
  /** Of the first, the last is where it was stopped. */
  step: string;
  complaints: string[];
}

/** `meanwhile` happens while the first is stopped, before the second runs. */
export async function meet(
  stage: Stage,
  { first, second, step }: Meeting,
  meanwhile: () => Promise<unknown> | unknown = () => {},
): Promise<Met> {
  const complaints: string[] = [];
  const { since = '' } = first;
  const goFirst = await first.begin(stage, 'first', { ...step, since });
  const goSecond = await second.begin(stage, 'second');
  const { isStopped, goOn } = await stopAt(goFirst());
  complaints.push(...stage.wrong().map((it) => `when stopped: ${it}`));
  if (isStopped) await meanwhile();
  const other = await goSecond().ended;
  complaints.push(...stage.wrong().map((it) => `after the second: ${it}`));
  complaints.push(...wrongEnd(second, other, first.name), ...falseWords(stage, other));
  const ended = await goOn();
  complaints.push(...stage.wrong().map((it) => `after both: ${it}`));
  complaints.push(...wrongEnd(first, ended, second.name), ...falseWords(stage, ended));
  const { at = 0 } = step;
  const steps = ended.steps.slice(ended.steps.findIndex((one) => one.includes(since)));
  if (!isStopped && steps.length >= at) complaints.push('it did not stop');
  return { isStopped, step: steps.at(at - 1) ?? '', complaints };
}

/**
 * Tries `once` more where it did not come to what was meant: a process of this user that cannot be read, and started beside the tests,
 * keeps an actor from its claim.
 */
export async function again<T>(once: () => Promise<T>, isMeant: (it: T) => boolean): Promise<T> {
  let last = await once();
  const isDone = async () => {
    if (!isMeant(last)) last = await once();
    return isMeant(last);
  };
  await waitUntil('it came to its claim', isDone).catch(() => {});
  return last;
}

/** Waits until it is stopped, or has ended. */
export async function stopAt({
  pid,
  ended,
}: Stepping): Promise<{ isStopped: boolean; goOn(): Promise<Stepped> }> {
  const isStopped = await untilStopped(pid);
  const goOn = () => {
    kill(pid, 'SIGCONT');
    return ended;
  };
  return { isStopped, goOn };
}

/** All its threads; false when it ends before. */
function untilStopped(pid: number): Promise<boolean> {
  const isStopped = () => {
    try {
      return readdirSync(`/proc/${pid}/task`).every((tid) => letterOf(pid, tid) === 'T');
    } catch {
      return false;
    }
  };
  return waitUntil(`${pid} is stopped`, () => (isAlive(pid) ? isStopped() && 'yes' : 'no')).then(
    (it) => it === 'yes',
  );
}

function letterOf(pid: number, tid: string): string {
  const stat = readFileSync(join('/proc', `${pid}`, 'task', tid, 'stat'), 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).slice(0, 1);
}
