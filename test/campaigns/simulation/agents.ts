// Simulated agents: sessions of hours to days that leave what Claude Code leaves, each entry written twice: into the session's
// TMPDIR, and into one shared directory that nobody cleans, as it was before.
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { openSession } from '#src/index.js'; // not the bundle: time and processes are changed at the doors of src
import { FIRST_PID, type OwnProcesses, PID_NAMESPACE } from '../../helpers/own-processes.js';
import { forge, HOUR, leaseOf } from '../../helpers/reaping.js';
import type { Sandbox } from '../../helpers/sandbox.js';

export interface Agent {
  tmpdir: string;
  /** Its last hour, ms since 1970. */
  endsAt: number;
  /** Path inside TMPDIR and when it was written. */
  written: { path: string; at: number }[];
  /** `claude-<uid>/<project>/<session>/tasks` */
  tasks: string;
  end(): Promise<unknown>;
}

/** What becomes of sessions: their owner ends them, or is SIGKILLed with the agent, or there was no qw-run at all. */
const FATES = { ended: 0.8, killed: 0.15, unwrapped: 0.05 };
const PROJECTS = 5;

export interface Place {
  box: Sandbox;
  /** Where agents without qw-run write. */
  legacyDir: string;
  processes: OwnProcesses;
}

/** Opens a session as chance wants it. */
export async function openAgent(place: Place, random: () => number): Promise<Agent> {
  const { box, legacyDir } = place;
  const fate = random();
  const project = `-home-user-project${Math.floor(random() * PROJECTS)}`;
  const common = {
    endsAt: Date.now() + lifeMs(random),
    written: [],
    tasks: join(`claude-${process.getuid?.() ?? 0}`, project, uuid(random), 'tasks'),
  };
  if (fate < FATES.unwrapped) return { ...common, tmpdir: legacyDir, end: async () => {} };
  if (fate < FATES.unwrapped + FATES.killed) return { ...common, ...openKilled(place, random) };
  const session = await openSession({ root: box.root, backend: 'claude', watchdog: false, env: box.env });
  return { ...common, tmpdir: session.tmpdir, end: () => session.end() };
}

/** A session with an owner of its own, which will be gone from one moment to the next. */
function openKilled({ box, processes }: Place, random: () => number): Pick<Agent, 'tmpdir' | 'end'> {
  let pid = FIRST_PID;
  while (processes.table.has(pid)) pid += 1;
  const owner = { pid, startTime: Math.round(random() * 1e6) };
  processes.table.set(pid, owner);
  const id = hex(random, 8);
  const realm = { bootId: processes.bootId, pidNamespace: PID_NAMESPACE, host: hostname() };
  const createdAt = new Date(Date.now()).toISOString();
  const lease = leaseOf(id, {
    backend: 'claude',
    createdAt,
    owner: { ...owner, ...realm, uid: process.getuid?.() ?? 0 },
  });
  const { tmpdir } = forge(box, id, { lease, files: [] });
  return { tmpdir, end: async () => processes.table.delete(pid) };
}

/** 60 % of the sessions take 1 to 8 hours, 30 % up to two days, 10 % two to five days. */
function lifeMs(random: () => number): number {
  const kind = random();
  const [low, high] = kind < 0.6 ? [1, 8] : kind < 0.9 ? [8, 48] : [48, 120];
  return Math.round(low + random() * (high - low)) * HOUR;
}

/** Writes about one thing an agent leaves, and the directories above it; gives how many entries that made. */
export function writeOne(agent: Agent, shared: string, random: () => number): number {
  const kind = random();
  const bytes = kind < 0.62 ? outputBytes(random) : kind < 0.85 ? 20 : kind < 0.97 ? undefined : 4_096;
  const choose = () =>
    kind < 0.62
      ? join(agent.tasks, `${hex(random, 9)}.output`)
      : kind < 0.85
        ? `claude-${hex(random, 4)}-cwd`
        : kind < 0.97
          ? `claude-empty-${hex(random, 6)}`
          : `tmp.${hex(random, 10)}`;
  let name = choose();
  while (existsSync(join(shared, name))) name = choose(); // of four digits there are few
  agent.written.push({ path: join(agent.tmpdir, name), at: Date.now() });
  make(join(agent.tmpdir, name), bytes);
  return make(join(shared, name), bytes);
}

/** Most outputs are small, one in a thousand is the 64 MiB at which Claude Code cuts them. */
const outputBytes = (random: () => number): number =>
  random() < 0.001 ? 64 * 2 ** 20 : Math.floor(10 ** (1 + 4.3 * random()));

/** A directory (no size) or a file with a hole of that size: it has its length and needs no disk. Gives entries made. */
function make(path: string, bytes: number | undefined): number {
  const first = mkdirSync(bytes === undefined ? path : dirname(path), { recursive: true });
  const end = bytes === undefined ? path : dirname(path);
  const directories = first === undefined ? 0 : end.slice(first.length).split('/').length;
  if (bytes === undefined) return directories;
  const fd = openSync(path, 'wx');
  ftruncateSync(fd, bytes);
  closeSync(fd);
  return directories + 1;
}

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

const uuid = (random: () => number): string =>
  [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-');
