// Somebody meddles while an actor is stopped at its claim: its way back is taken, the trash is swapped or gone, the claim itself is
// moved away. Nothing of others is touched, nothing is lost, and what stays is told.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { inParallel, row, sized } from '../../helpers/conformance.js';
import { ACTORS, type Actor, falseWords, wrongEnd } from './actors.js';
import { MEDDLINGS, type Meddling } from './meddlings.js';
import { passes } from './passes.js';
import { listed, onStage, type Stage } from './stage.js';
import type { Step, Stepped } from './steps.js';
import { again, stopAt } from './stopped.js';

const ALL = MEDDLINGS.flatMap((meddling) => ACTORS.map((actor) => ({ meddling, actor }))).filter(
  ({ meddling, actor }) => !meddling.isOfSessions || actor.name !== 'sweep',
);

for (const meddling of MEDDLINGS)
  test(`while an actor is stopped: ${meddling.name}`, async () => {
    const all = ALL.filter((it) => it.meddling === meddling);
    const tried = sized({ fast: all.filter(({ actor }) => /^(owner|rm$)/.test(actor.name)), full: all });
    const found = await inParallel(tried, ({ actor }) =>
      again(
        () => onStage((on) => meddled(on, actor, meddling)),
        ([first]) => first?.includes(NOT_STOPPED) !== true,
      ),
    );
    row('two-actors', [
      tried.map(({ actor }) => actor.name).join(', '),
      meddling.name,
      tried.length,
      found.filter((it) => it.length > 0).length,
    ]);
    assert.deepEqual(found.flat(), []);
  });

async function meddled(on: Stage, actor: Actor, { stop, meddle }: Meddling): Promise<string[]> {
  const step: Step = { call: actor.claim, stop };
  const go = await actor.begin(on, 'first', step);
  const thing = on.goers.find(({ path }) => actor.file(on).startsWith(`${path}/`))?.path ?? '';
  const { isStopped, goOn } = await stopAt(go());
  if (!isStopped) return [`${actor.name} ${NOT_STOPPED}: ${told(await goOn())}`];
  const undo = await meddle(on, stop === 'after' ? claimed(on, thing) : thing);
  const ended = await goOn();
  const isTold = !existsSync(thing) || ended.code === LOOK_AGAIN || told(ended).includes(basename(thing));
  const complaints = [
    ...(isTold ? [] : [`${basename(thing)} stays without a word: ${ended.code} ${told(ended)}`]),
    ...wrongEnd({ ...actor, codes: [...actor.codes, 1] }, ended, ''),
    ...falseWords(on, ended),
    ...on.wrong(),
    ...(await undo(told(ended), actor)),
    ...(await passes(on)),
  ];
  return complaints.map((text) => `${actor.name}: ${text}`);
}

const told = ({ stdout, stderr }: Stepped): string => stdout + stderr;
const LOOK_AGAIN = 3;
const NOT_STOPPED = 'did not stop';

/** Where it is now. */
function claimed({ here: { box }, unit }: Stage, path: string): string {
  const trash = join(box.root, '.trash');
  const ofSession = listed(trash).find((name) => name.startsWith(`${basename(path)}.`));
  if (path !== unit) return join(trash, ofSession ?? '');
  const shelves = listed(dirname(path)).map((name) => join(dirname(path), name, basename(path)));
  return shelves.find((at) => existsSync(at)) ?? '';
}
