// Passes of the real reaper over the model's world, and what has to be true after each: nothing used is removed, all that is
// dead and unheld is gone, a second pass finds nothing to do.
import assert from 'node:assert/strict';
import { existsSync, lstatSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fs } from '#src/fs.js';
import { reapNow } from '#src/reap/reap-now.js';
import type { ReapReport } from '#src/reap/reap-report.js';
import { MAX_AGE_MS, type OpenSession, type World } from './world.js';

interface Expected {
  session: OpenSession;
  stays: boolean;
  /** Files that stay, as long as the session does. */
  files: string[];
}

/** One pass, then the same again: it changes nothing. `isTwin`: two reapers at the same time. */
export async function passAndCheck(world: World, isTwin: boolean): Promise<void> {
  const expected = expect(world);
  const reports = await Promise.all(isTwin ? [reap(world), reap(world)] : [reap(world)]);
  checkKept(world, expected);
  checkGone(world, expected);
  const removed = reports.flatMap((report) => report.removed.map(({ id }) => id)).sort();
  assert.deepEqual(removed, [...new Set(removed)], 'each is removed once');
  assert.deepEqual(
    reports.flatMap(({ failed }) => failed),
    [],
  );
  settle(world, expected);
  const again = await reap(world);
  assert.deepEqual(
    [again.removed, again.swept, again.failed],
    [[], [], []],
    'a second pass finds nothing to do',
  );
  if (!isTwin) assert.deepEqual(again.kept, reports[0]?.kept);
  checkKept(world, expect(world));
}

/** The reaper is killed at its `n`th step. What is used stays; the next pass finishes. */
export async function crash(world: World, n: number): Promise<void> {
  const expected = expect(world);
  const dead = new Error('this reaper is dead');
  const undo = onStep((step) => {
    if (step >= n) throw dead;
  });
  await reap(world).catch(() => {});
  undo();
  checkKept(world, expected);
  // Its claims name this process, which lives on: let them name one that does not.
  const trash = join(world.root, '.trash');
  for (const name of existsSync(trash) ? readdirSync(trash) : [])
    renameSync(join(trash, name), join(trash, name.replace(/\.\d+-\d+-/, '.4999999-1-')));
  // What it had claimed is judged again by the next pass. That comes now: later somebody may have come who could be a user.
  await reap(world);
  checkKept(world, expected);
  const goes = expected.filter(({ session, stays }) => !stays && !existsSync(world.dirOf(session)));
  world.sessions = world.sessions.filter((session) => !goes.some((gone) => gone.session === session));
  for (const session of world.sessions)
    for (const name of session.files.keys())
      if (!existsSync(join(world.tmpOf(session), name))) session.files.delete(name);
}

/** While a pass runs, at its `n`th step, `happen` does something; what it gives back is used from then on. */
export async function disturb(
  world: World,
  n: number,
  happen: () => { session: OpenSession; name: string } | undefined,
): Promise<void> {
  const expected = expect(world);
  let used: { session: OpenSession; name: string } | undefined;
  const undo = onStep((step) => {
    if (step === n) used = happen();
  });
  await reap(world);
  undo();
  const one = expected.find(({ session }) => session === used?.session);
  if (used && one) {
    checkKept(world, [
      { session: used.session, stays: true, files: [...(one.stays ? one.files : []), used.name] },
    ]);
    if (!one.stays)
      checkKept(world, [{ session: used.session, stays: true, files: [...used.session.files.keys()] }]);
    lookAgain(world, used.session);
    Object.assign(one, { stays: true, files: [...used.session.files.keys()] });
  }
  checkKept(world, expected);
  checkGone(world, expected);
  settle(world, expected);
}

/** What was moved and put back is as young as that. */
function lookAgain(world: World, session: OpenSession): void {
  const changedAt = (path: string) => world.time.at(lstatSync(path).ctimeMs);
  session.changedAt = changedAt(world.dirOf(session));
  for (const name of session.files.keys()) {
    const path = join(world.tmpOf(session), name);
    if (existsSync(path)) session.files.set(name, changedAt(path));
    else session.files.delete(name);
  }
}

const expect = (world: World): Expected[] =>
  world.sessions.map((session) => ({
    session,
    stays: world.verdict(session) !== 'unused',
    files: [...session.files.keys()].filter((name) => !world.isSwept(session, name)),
  }));

function checkKept(world: World, expected: Expected[]): void {
  for (const { session, stays, files } of expected) {
    if (!stays) continue;
    for (const name of ['.', ...files])
      assert.ok(existsSync(join(world.tmpOf(session), name)), `${session.id}/tmp/${name} is used and stays`);
  }
}

function checkGone(world: World, expected: Expected[]): void {
  const stay = expected.filter(({ stays }) => stays).map(({ session }) => session);
  const names = readdirSync(world.root).filter((name) => !['.qw-root', '.trash'].includes(name));
  assert.deepEqual(names.sort(), stay.map(({ id }) => id).sort(), 'all that is dead and unheld is gone');
  const trash = join(world.root, '.trash');
  assert.deepEqual(existsSync(trash) ? readdirSync(trash) : [], []);
  for (const { session, stays, files } of expected)
    for (const name of session.files.keys())
      if (stays && !files.includes(name))
        assert.ok(
          !existsSync(join(world.tmpOf(session), name)),
          `${session.id}/tmp/${name} is stale and goes`,
        );
}

/** Writes into the ledger what is gone. */
function settle(world: World, expected: Expected[]): void {
  world.sessions = expected.filter(({ stays }) => stays).map(({ session }) => session);
  for (const { session, files } of expected)
    for (const name of session.files.keys()) if (!files.includes(name)) session.files.delete(name);
}

const reap = ({ root }: World): Promise<ReapReport> =>
  reapNow({
    roots: [root],
    maxAgeMs: MAX_AGE_MS,
    orphans: 'wait',
    legacy: { backends: [], isTaken: false },
    legacyDirs: [],
    isDryRun: false,
    spare: [],
  });

/** Calls `hear` before every step the reaper takes on the disk or in procfs, with its number; gives the undo. */
function onStep(hear: (step: number) => void): () => void {
  const before = { ...fs };
  let step = 0;
  for (const [name, call] of Object.entries(before) as [string, (...args: unknown[]) => unknown][]) {
    if (name === 'closeSync') continue;
    const heard = (...args: unknown[]) => {
      step += 1;
      hear(step);
      return call(...args);
    };
    Object.assign(fs, { [name]: name === 'realpathSync' ? call : heard });
  }
  return () => Object.assign(fs, before);
}
