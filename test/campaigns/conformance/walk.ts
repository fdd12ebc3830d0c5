// One way from the opening of a session to its end, with neighbours who have to stay as they are: for dying, or failing, at
// each of its steps.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { qwRun } from '../../helpers/paths.js';
import { forge, identityOf, ids, leaseOf, picture, put, realm } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { type Step, type Stepped, stepped } from './steps.js';

export interface Way {
  name: string;
  flags: string[];
  /** The agent leaves a process. */
  hasSurvivor: boolean;
}

export const WAYS: readonly Way[] = [
  { name: 'no watchdog', flags: ['--no-watchdog'], hasSurvivor: false },
  { name: 'no watchdog, a process left behind', flags: ['--no-watchdog'], hasSurvivor: true },
  { name: 'with its watchdog', flags: [], hasSurvivor: false },
];

/** What the agent exits with, whatever happens to qw-run. */
export const CODE = 7;
const NEIGHBOUR = 'neighbr0';

export interface Walk extends Stepped {
  /** The agent ran. */
  hasRun(): boolean;
}

/** A living session of somebody else, something in the root that is not ours, and a tree beside it. */
export function neighbours({ box }: Scene): () => string[] {
  const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() ?? 0 };
  forge(box, NEIGHBOUR, { lease: leaseOf(NEIGHBOUR, { owner }) });
  put(join(box.root, 'not-a-session/tmp/file'));
  mkdirSync(join(box.dir, 'canary/empty'), { recursive: true });
  put(join(box.dir, 'canary/file'));
  const look = (dir: string) => picture(dir).map((line) => `${dir} ${line}`);
  return () =>
    [join(box.root, NEIGHBOUR), join(box.root, 'not-a-session'), join(box.dir, 'canary')].flatMap(look);
}

/** Walks it; with `isToGo` the agent does not wait to be told. */
export const walk = (here: Scene, way: Way, step: Step, isToGo: boolean): Promise<Walk> =>
  walkWith(here, way, isToGo, (args) => stepped(here, qwRun, args, step));

/** The same with another way to run qw-run. */
export async function walkWith<T extends Stepped>(
  here: Scene,
  way: Way,
  isToGo: boolean,
  run: (args: string[]) => Promise<T>,
): Promise<T & Walk> {
  if (isToGo) letGo(here);
  const script = `${way.hasSurvivor ? 'sleep 600 </dev/null >/dev/null 2>&1 &' : ''}
    echo precious >"$TMPDIR/precious"; echo started >>results
    until [ -e go ]; do sleep 0.02; done
    if [ "$(cat "$TMPDIR/precious")" = precious ]; then echo kept; else echo lost; fi >>results; exit ${CODE}`;
  const ended = await run([...way.flags, '--', 'sh', '-c', script]);
  return { ...ended, hasRun: () => results(here).includes('started') };
}

export const results = ({ box }: Scene): string[] => {
  const file = join(box.cwd, 'results');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
};

/** Tells the agent to end. */
export const letGo = ({ box }: Scene): void => writeFileSync(join(box.cwd, 'go'), '');

/** Resolves with `kept` or `lost` when the agent, told to go, has looked at its file and ended. */
export async function verdict(here: Scene, way: Way): Promise<string> {
  const said = await waitUntil('the agent has looked', () =>
    results(here).find((it) => /kept|lost/.test(it)),
  );
  const most = way.hasSurvivor ? 1 : 0;
  if (way.flags.length > 0) await waitUntil('the agent has ended', () => here.processes().length <= most);
  return said;
}

export const ourIds = ({ box }: Scene): string[] => ids(box).filter((id) => id !== NEIGHBOUR);

/** Entries of the root that are neither the neighbours' nor the reaper's furniture. */
export const leftOvers = ({ box }: Scene): string[] =>
  [...list(box.root), ...list(join(box.root, '.trash')).map((name) => `.trash/${name}`)].filter(
    (name) =>
      ![NEIGHBOUR, 'not-a-session', '.qw-root', '.trash', '.reaped'].includes(name) &&
      !name.startsWith('.lock-'),
  );

/** What is on the disk, in words. */
export function onDisk(here: Scene): string {
  const names = leftOvers(here);
  const [id] = ourIds(here);
  if (id === undefined) return names.some((name) => name.startsWith('.trash/')) ? 'in the trash' : 'nothing';
  const dir = join(here.box.root, id);
  const lease = existsSync(join(dir, 'lease.json'))
    ? readFileSync(join(dir, 'lease.json'), 'utf8')
    : undefined;
  if (lease === undefined) return 'a directory without lease';
  const { agent, ending } = JSON.parse(lease) as { agent?: unknown; ending?: unknown };
  const tmp = existsSync(join(dir, 'tmp')) ? ' and TMPDIR' : '';
  return `lease${agent ? ' naming the agent' : ''}${ending ? ', ending' : ''}${tmp}`;
}

const list = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : []);
