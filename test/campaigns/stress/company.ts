// The processes that keep the agents company, as they announced themselves, and whether each fared as it should: who is
// never ended lives until the storm lets it go, some time after its session's end; who is private does not outlive that.
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, kill } from '../../helpers/processes.js';
import { identityOf } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';
import { counterOf, isPrivate, KINDS, type Kind } from './kinds.js';
import { complain, type Tally } from './tally.js';

export interface Companion {
  kind: Kind;
  pid: number;
  startTime: string;
  /** Id of its session. */
  session: string;
  parent: number;
  /** The agent lived when we heard of it: whatever ends that session finds it there. */
  cameInTime: boolean;
}

/** An agent that has all its company. */
export interface Accompanied {
  pid: number;
  wrapper: number;
}

export interface Company {
  /** Where they announce themselves. */
  file: string;
  /** By session. */
  agents: ReadonlyMap<string, Accompanied>;
  /** What the storm did to wrappers, by pid. */
  fates: Map<number, 'killed' | 'told to end'>;
  all: Companion[];
  /** Takes in who announced itself meanwhile. */
  read(): void;
  /** The fate of one of each kind was seen after its session's end, or will be. */
  isComplete(): boolean;
  /** Checks that it lives, and that what it keeps is whole; then it may go, with all below it. */
  letGo(one: Companion): void;
  /** Those that are to live on, of these first words. */
  lasting(...words: string[]): Companion[];
  /** Those of sessions that must not be left and are. */
  privateLeft(): Companion[];
  /** Counts these, and ends whoever is still there. */
  close(): void;
}

export function company(scene: Scene, tally: Tally): Company {
  const dir = join(scene.box.dir, 'company');
  const file = join(dir, 'here');
  mkdirSync(dir);
  writeFileSync(file, '');
  const all: Companion[] = [];
  const gone = new Set<Companion>();
  const agents = new Map<string, Accompanied>();
  const fates: Company['fates'] = new Map();
  const asked = new Set<string>();
  let linesRead = 0;

  const read = () => {
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(linesRead)) take(line.split(' '));
    linesRead = lines.length;
  };
  const take = ([word = '', pid, startTime = '', session = '', parent]: string[]) => {
    if (word === 'agent') agents.set(session, { pid: Number(pid), wrapper: Number(parent) });
    else if (word === 'asked') asked.add(session);
    else if (KINDS.includes(word as Kind)) {
      const one = { kind: word as Kind, pid: Number(pid), startTime, session, parent: Number(parent) };
      all.push({ ...one, cameInTime: hasAgent(session) });
    } else throw new Error(`nobody is called ${word}`);
  };
  const hasAgent = (session: string) => isAlive(agents.get(session)?.pid ?? 0);

  const isThere = ({ pid, startTime }: Companion) => isAlive(pid) && startTime === startTimeOf(pid);

  // An emptied environment, no parents left, and nobody looked while they were there: nothing proves such a child of an
  // agent, except where the owner began the session's end itself while the agent lived. And who comes to work in a TMPDIR
  // when its session is over may find it gone.
  const isProven = ({ kind, session, cameInTime }: Companion) =>
    (kind !== 'private-child' || asked.has(session)) && (kind !== 'stranger-inside' || cameInTime);
  const isShown = (kind: Kind) =>
    tally.kinds[kind] > 0 || all.some((one) => one.kind === kind && !gone.has(one) && isProven(one));
  const nameOf = ({ kind, pid, session }: Companion) =>
    `${kind} ${pid} of ${session} (wrapper ${fates.get(agents.get(session)?.wrapper ?? 0) ?? 'killed early or left alone'})`;

  const check = (one: Companion) => {
    const { kind, session } = one;
    const tmpdir = join(scene.box.root, session, 'tmp');
    if (!hasAgent(session) && isProven(one)) tally.kinds[kind] += 1;
    if (!isThere(one)) complain(tally, counterOf(kind), `${nameOf(one)} was ended`);
    else if (!isWhole(one, tmpdir)) complain(tally, 'filesLost', `${tmpdir} did not stay for ${nameOf(one)}`);
  };
  const letGo = (one: Companion) => {
    const below = all.filter(({ parent, kind }) => parent === one.pid && kind.startsWith('managed-'));
    for (const each of [one, ...below]) check(each);
    for (const each of [...below, one]) {
      if (isThere(each)) kill(each.pid, 'SIGKILL');
      gone.add(each);
    }
  };

  const privateLeft = () => all.filter((one) => isPrivate(one.kind) && isProven(one) && isThere(one));
  const close = () => {
    for (const one of all) if (isPrivate(one.kind) && isProven(one)) tally.kinds[one.kind] += 1;
    for (const one of privateLeft()) complain(tally, 'privateLeft', `${nameOf(one)} was left`);
    for (const one of all) if (isThere(one)) kill(one.pid, 'SIGKILL');
  };
  return {
    file,
    agents,
    all,
    fates,
    read,
    isComplete: () => KINDS.every(isShown),
    letGo,
    lasting: (...words) =>
      all.filter((one) => !gone.has(one) && words.some((word) => one.kind.startsWith(`${word}-`))),
    privateLeft,
    close,
  };
}

/** A manager's session stays as its agent left it, and so does one that somebody works in. */
function isWhole({ kind, pid, cameInTime }: Companion, tmpdir: string): boolean {
  const isKept = () => [0, 1, 2, 3, 4].every((n) => existsSync(join(tmpdir, `d${n}`)));
  if (kind.startsWith('manager-')) return isKept() && existsSync(join(tmpdir, `keep-${pid}`));
  if (kind !== 'stranger-inside' || !cameInTime) return true;
  return isKept() && readlinkSync(`/proc/${pid}/cwd`) === tmpdir;
}

function startTimeOf(pid: number): string {
  try {
    return String(identityOf(pid).startTime);
  } catch {
    return '';
  }
}
