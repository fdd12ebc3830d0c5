// A root in which there is something to do for everybody who removes, and what has to hold there whoever is stopped and whoever
// runs meanwhile: what is to go is whole in its place or not there, what is to stay does not change.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { deadClaim } from '../../helpers/claims.js';
import { inScene } from '../../helpers/conformance.js';
import { deadOwner, forge, HOUR, identityOf, leaseOf, picture, put, realm } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';

/** When all that is no session of a living owner is old, even where a file that was read may have been read a day later, too. */
export const LATER = { laterMs: 120 * HOUR };
export const OWNER = deadOwner();
export const ORPHANS = ['orphan00', 'orphan01'];
const STAYS = ['kept0000', 'living00', 'not-a-session', 'worked00'];

/** Something that is to go. */
export interface Goer {
  /** Its place. */
  path: string;
  /** Below it. */
  files: string[];
}

export interface Stage {
  here: Scene;
  /** A stale unit of a living session. */
  unit: string;
  goers: Goer[];
  /** Sessions of our own wrappers. */
  owned: string[];
  /** Adds the session of one. */
  opened(id: string): void;
  /** What is wrong with the disk at this moment. */
  wrong(): string[];
  /** What was to go and is there. */
  left(): string[];
}

/** Sets one up, and leaves nothing of it that could not be deleted. */
export const onStage = <T>(use: (on: Stage) => Promise<T>): Promise<T> =>
  inScene(async (here) => {
    try {
      return await use(stage(here));
    } finally {
      execFileSync('chmod', ['-R', 'u+rwX', here.box.dir]);
    }
  });

function stage(here: Scene): Stage {
  const { root, dir: beside } = here.box;
  const goers: Goer[] = [];
  const goer = (path: string, files: string[]) => void goers.push({ path, files });
  for (const id of [...ORPHANS, 'nolease0']) {
    const lease = leaseOf(id, { owner: OWNER, ending: new Date().toISOString() });
    const { dir } = forge(here.box, id, {
      ...(id === 'nolease0' ? {} : { lease }),
      files: ['some/file', 'shut/file'],
    });
    chmodSync(join(dir, 'tmp/shut'), 0o555);
    goer(dir, ['tmp/some/file', 'tmp/shut/file', ...(id === 'nolease0' ? [] : ['lease.json'])]);
  }
  put(join(root, `.trash/gone0000.${deadClaim()}/tmp/file`));
  const unit = forgeLiving(here);
  goer(unit, ['tasks/b1.output']);
  forgeWorked(here);
  forge(here.box, 'kept0000', {
    lease: leaseOf('kept0000', { owner: OWNER, kept: { at: new Date().toISOString() } }),
  });
  put(join(root, 'not-a-session/tmp/file'));
  put(join(beside, 'canary/file'));
  const look = () => JSON.stringify(stays(here));
  const before = look();
  const owned: string[] = [];
  const opened = (id: string) => {
    owned.push(id);
    goer(join(root, id), ['tmp/some/file', 'tmp/shut/file', 'lease.json']);
  };
  const wrong = () => [
    ...goers.filter(isHalf).map(({ path }) => `half removed in its place: ${basename(path)}`),
    ...(look() === before ? [] : ['something of others changed']),
  ];
  return { here, unit, goers, owned, opened, wrong, left: () => leftIn(here, unit) };
}

/** One of this process, with a stale unit, and another that a dead remover had claimed. */
function forgeLiving(here: Scene): string {
  const alive = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 };
  const name = `claude-${alive.uid}/-project/${randomUUID()}`;
  const { tmpdir } = forge(here.box, 'living00', {
    lease: leaseOf('living00', { owner: alive, backend: 'claude' }),
    files: ['mine', `${name}/tasks/b1.output`],
  });
  put(join(tmpdir, dirname(name), `.qw-trash.${deadClaim()}/${randomUUID()}/tasks/b2.output`));
  return join(tmpdir, name);
}

/** A dead owner's, in which a worktree lies as git makes them. */
function forgeWorked(here: Scene): void {
  const repository = join(here.box.dir, 'repository/.git');
  const record = join(repository, 'worktrees/w');
  const { tmpdir } = forge(here.box, 'worked00', {
    lease: leaseOf('worked00', { owner: OWNER }),
    files: ['beside/file', 'w/file'],
  });
  put(join(tmpdir, 'w/.git'), `gitdir: ${record}\n`);
  put(join(record, 'gitdir'), `${join(tmpdir, 'w/.git')}\n`);
  put(join(record, 'commondir'), '../..\n');
  put(join(record, 'HEAD'), 'ref: refs/heads/f\n');
  for (const name of ['HEAD', 'objects/x', 'refs/x']) put(join(repository, name));
}

const stays = ({ box: { root, dir } }: Scene): string[] => [
  ...['kept0000', 'not-a-session', 'worked00/tmp/w', '../canary', '../repository'].flatMap((name) =>
    picture(join(root, name)),
  ),
  ...['living00/lease.json', 'living00/tmp/mine', 'worked00/lease.json'].map((name) =>
    readIfThere(join(root, name)),
  ),
  ...(existsSync(join(dir, 'w')) ? [] : ['no working directory']),
];

const isHalf = ({ path, files }: Goer): boolean =>
  existsSync(path) && files.some((name) => !existsSync(join(path, name)));

const leftIn = ({ box }: Scene, unit: string): string[] => [
  ...box.left().filter((name) => !STAYS.includes(name)),
  ...listed(dirname(unit)).map((name) => `${basename(dirname(unit))}/${name}`),
  ...listed(join(box.root, 'worked00/tmp')).filter((name) => name !== 'w'),
];

/** Moves something in one step. */
export const moveAway = ({ here }: Stage, path: string): string => {
  const away = join(here.box.dir, `away-${basename(path)}`);
  renameSync(path, away);
  return away;
};

export const listed = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : []);
export const readIfThere = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : 'none');
