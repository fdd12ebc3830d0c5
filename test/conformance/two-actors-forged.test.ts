// Somebody meddles while an actor is stopped at its claim: its way back is taken, the trash is swapped or gone, the claim itself is
// moved away. Nothing of others is touched, nothing is lost, and what stays is told.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { inParallel, row, sized } from '../helpers/conformance.js';
import { outsider } from '../helpers/outsider.js';
import { killed, put } from '../helpers/reaping.js';
import { ACTORS, type Actor, falseWords, wrongEnd } from './actors.js';
import { passes } from './passes.js';
import { listed, moveAway, onStage, type Stage } from './stage.js';
import type { Step, Stepped } from './steps.js';
import { again, stopAt } from './stopped.js';

interface Meddling {
  name: string;
  stop: 'before' | 'after';
  /** Of units nothing lies in the trash. */
  isOfSessions?: boolean;
  /** `path`: what is claimed, or about to be. Gives what is to be undone. */
  meddle(on: Stage, path: string): Promise<Undo> | Undo;
}

/** Looks for what is wrong once the actor, whose words are `told`, is through, and undoes it. */
type Undo = (told: string, actor: Actor) => Promise<string[]> | string[];

const MEDDLINGS: readonly Meddling[] = [
  { name: 'its place is taken, and it is in use', stop: 'after', meddle: takeItsPlace },
  { name: 'the claim is moved away', stop: 'after', meddle: moveClaim },
  { name: 'the trash is removed before its claim', stop: 'before', isOfSessions: true, meddle: removeTrash },
  { name: 'the trash is moved away after its claim', stop: 'after', isOfSessions: true, meddle: moveTrash },
  ...(['before', 'after'] as const).map(
    (stop): Meddling => ({
      name: `the trash becomes a link ${stop} its claim`,
      stop,
      isOfSessions: true,
      meddle: linkTrash,
    }),
  ),
];
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

async function takeItsPlace(on: Stage, at: string): Promise<Undo> {
  const isUnit = at.endsWith(basename(on.unit));
  const old = join(at, isUnit ? 'tasks/b1.output' : 'tmp/some/file');
  const pid = await outsider(on.here, 'file', old);
  const place = isUnit ? on.unit : join(on.here.box.root, basename(at).slice(0, 8));
  const fresh = put(join(place, isUnit ? 'new' : 'tmp/new'), 'new');
  on.goers.splice(0); // the new one is another
  return async (told, { name }) => {
    const where = [old, ...trashed(on, at, isUnit)].filter((path) => existsSync(path));
    const isTold = name === 'watchdog' || /\.trash\/|\.qw-trash\./.test(told);
    const complaints = [
      ...(where.length > 0 ? [] : ['what was in use is gone']),
      ...(existsSync(fresh) && readFileSync(fresh, 'utf8') === 'new' ? [] : ['what is new there is gone']),
      ...(isTold ? [] : [`not told where it is: ${told}`]),
    ];
    await killed(pid);
    return complaints;
  };
}

/** Its file under the name that it waits with. */
const trashed = (on: Stage, at: string, isUnit: boolean): string[] => {
  const shelf = isUnit ? dirname(on.unit) : dirname(at);
  return listed(shelf).map((name) =>
    isUnit ? join(shelf, name, basename(at), 'tasks/b1.output') : join(shelf, name, 'tmp/some/file'),
  );
};

function moveClaim(on: Stage, at: string): Undo {
  const away = moveAway(on, at);
  const files = () => JSON.stringify(listed(away).sort());
  const before = files();
  return () => (files() === before ? [] : ['what was moved away is touched']);
}

function moveTrash(on: Stage): Undo {
  moveAway(on, join(on.here.box.root, '.trash'));
  return () => [];
}

function removeTrash(on: Stage): Undo {
  rmSync(join(on.here.box.root, '.trash'), { recursive: true, force: true });
  return () => [];
}

function linkTrash(on: Stage): Undo {
  const trash = join(on.here.box.root, '.trash');
  if (existsSync(trash)) moveAway(on, trash);
  else mkdirSync(join(on.here.box.dir, 'nothing'));
  symlinkSync(join(on.here.box.dir, 'canary'), trash);
  return () => {
    unlinkSync(trash);
    return [];
  };
}
