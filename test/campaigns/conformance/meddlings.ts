// What somebody may do to an actor's claim while it is stopped there.
import { existsSync, readFileSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { outsider } from '../../helpers/outsider.js';
import { killed, picture, put } from '../../helpers/reaping.js';
import type { Actor } from './actors.js';
import { listed, moveAway, type Stage } from './stage.js';

export interface Meddling {
  name: string;
  stop: 'before' | 'after';
  /** Of units nothing lies in the trash. */
  isOfSessions?: boolean;
  /** `path`: what is claimed, or about to be. Gives what is to be undone. */
  meddle(on: Stage, path: string): Promise<Undo> | Undo;
}

/** Looks for what is wrong once the actor, whose words are `told`, is through, and undoes it. */
type Undo = (told: string, actor: Actor) => Promise<string[]> | string[];

export const MEDDLINGS: readonly Meddling[] = [
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
async function takeItsPlace(on: Stage, at: string): Promise<Undo> {
  const isUnit = at.endsWith(basename(on.unit));
  const old = join(at, isUnit ? 'tasks/b1.output' : 'tmp/some/file');
  const users = [await outsider(on.here, 'file', old)];
  const place = isUnit ? on.unit : join(on.here.box.root, basename(at).slice(0, 8));
  const fresh = put(join(place, isUnit ? 'new' : 'tmp/new'), 'new');
  // Else the watchdog of a session that ended takes what lies in its name by now, and puts the other back there.
  users.push(await outsider(on.here, 'file', fresh));
  on.goers.splice(0); // the new one is another
  return async (told, { name }) => {
    const where = [old, ...trashed(on, at, isUnit)].filter((path) => existsSync(path));
    const isTold = name === 'watchdog' || /\.trash\/|\.qw-trash\./.test(told);
    const complaints = [
      ...(where.length > 0 ? [] : ['what was in use is gone']),
      ...(existsSync(fresh) && readFileSync(fresh, 'utf8') === 'new' ? [] : ['what is new there is gone']),
      ...(isTold ? [] : [`not told where it is: ${told}`]),
    ];
    for (const pid of users) await killed(pid);
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
  const look = () => JSON.stringify(picture(away));
  const before = look();
  return () => (look() === before ? [] : ['what was moved away is touched']);
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
  symlinkSync(join(on.here.box.dir, 'canary'), trash);
  return () => {
    unlinkSync(trash);
    return [];
  };
}
