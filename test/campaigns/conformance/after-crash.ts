// What has to hold after a SIGKILL on the way from the opening of a session to its end, and one reap by a fresh process: a living
// agent keeps its files, nothing of ours is left, nothing of others has changed.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HOUR, reapOnce } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { leftOvers, letGo, neighbours, onDisk, ourIds, verdict, type Walk, type Way } from './walk.js';

export interface Crash {
  /** The call it died before. */
  step: string;
  onDisk: string;
  complaints: string[];
}

/** `die` walks the way and says whether the agent was told to go. */
export async function crash(
  here: Scene,
  way: Way,
  die: () => Promise<{ walked: Walk; isToGo: boolean }>,
): Promise<Crash> {
  const before = neighbours(here);
  const untouched = before();
  const { walked, isToGo } = await die();
  const state = onDisk(here);
  const complaints: string[] = [];
  const claim = (isSo: boolean, text: string) => isSo || complaints.push(text);
  if (walked.steps.slice(0, -1).some((step) => step.startsWith('spawn sh')))
    await agentLives(here, way, isToGo, claim);
  if (way.flags.length > 0) await reapIt(here, way, walked, claim);
  else await watchdogDoesIt(here, claim);
  claim(leftOvers(here).length === 0, `left: ${leftOvers(here)}`);
  claim(here.processes().length === 0, 'a process is left');
  claim(JSON.stringify(before()) === JSON.stringify(untouched), 'something of others changed');
  return { step: walked.steps.at(-1) ?? '', onDisk: state, complaints };
}

type Claim = (isSo: boolean, text: string) => unknown;

/** Its owner is dead and it lives: a pass takes nothing of it. */
async function agentLives(here: Scene, way: Way, isToGo: boolean, claim: Claim): Promise<void> {
  if (!isToGo) {
    const [id = ''] = ourIds(here);
    const precious = join(here.box.root, id, 'tmp/precious');
    await waitUntil('the agent has started', () => existsSync(precious));
    const { ids, code } = await reapOnce(here);
    claim(
      ids.length === 0 && code === 0 && existsSync(precious),
      `a pass removed ${ids} while its agent lives`,
    );
    letGo(here);
  }
  claim((await verdict(here, way)) === 'kept', 'a living agent lost its file');
}

async function reapIt(here: Scene, { hasSurvivor }: Way, { steps }: Walk, claim: Claim): Promise<void> {
  const isWithoutLease = onDisk(here) === 'a directory without lease';
  const first = await reapOnce(here, hasSurvivor ? ['--orphans', 'end'] : []);
  claim(first.code === 0, `the reap failed: ${JSON.stringify(first.report.failed)}`);
  if (!isWithoutLease) return;
  // Whose it is nobody can tell: it goes at max age.
  claim(leftOvers(here).length === 1 && first.ids.length === 0, `without lease, young: ${steps.at(-1)}`);
  const later = await reapOnce(here, [], { laterMs: 80 * HOUR });
  claim(later.ids.length === 1, 'without lease, old: it stayed');
}

async function watchdogDoesIt(here: Scene, claim: Claim): Promise<void> {
  await waitUntil('nothing is left', () => leftOvers(here).length + here.processes().length === 0).catch(
    () => {},
  );
  const { ids } = await reapOnce(here);
  claim(ids.length === 0, 'the reaper had to do what is the watchdog’s');
}

/** Its line of a table. */
export const rowOf = (at: number, { step, onDisk: state, complaints }: Crash): (string | number)[] => [
  at,
  `\`${step}\``,
  state,
  complaints.length > 0 ? 'WRONG' : 'nothing of ours, all of others',
];
