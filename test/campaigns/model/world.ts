// Sessions in a real directory, processes in a table, and a ledger of who uses what, written from docs/reaper.md.
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lastUse, readsNotedAt } from '#src/tree/last-use.js';
import { makeRoot } from '../../helpers/make-root.js';
import { FIRST_PID, type OwnProcess, type OwnProcesses, PID_NAMESPACE } from '../../helpers/own-processes.js';
import type { OwnTime } from '../../helpers/own-time.js';
import { HOUR, leaseOf, put } from '../../helpers/reaping.js';

export type Kind = 'here' | 'other-host' | 'other-namespace' | 'no-lease' | 'bad-lease';
export type Identity = Pick<OwnProcess, 'pid' | 'startTime'>;

export interface OpenSession {
  id: string;
  kind: Kind;
  isKept: boolean;
  bootId: string;
  /** When the machine had booted by the clock of that moment. */
  bootedAt: number;
  owner: Identity;
  agent?: Identity;
  createdAt: number;
  /** When the directory itself last changed. */
  changedAt: number;
  heartbeatAt: number;
  /** Files below TMPDIR, by path, and when they were written. */
  files: Map<string, number>;
  /** When the one that is written again and again was made: its atime. */
  workMadeAt: number;
}

export const MAX_AGE_MS = 72 * HOUR;
const UID = process.getuid?.() ?? 0;

export class World {
  sessions: OpenSession[] = [];
  private names = 0;
  /** Which session a descriptor was opened in, and which file of it; '' for TMPDIR itself. */
  private readonly heldIn = new Map<number, { id: string; name: string }>();
  readonly root: string;
  readonly time: OwnTime;
  readonly processes: OwnProcesses;
  constructor(root: string, time: OwnTime, processes: OwnProcesses) {
    this.root = root;
    this.time = time;
    this.processes = processes;
    makeRoot(root);
    this.boot();
  }

  dirOf = ({ id }: OpenSession): string => join(this.root, id);
  tmpOf = ({ id }: OpenSession): string => join(this.root, id, 'tmp');

  boot(): void {
    for (const pid of this.processes.table.keys()) this.stop(pid);
    this.names += 1;
    this.processes.bootId = `boot-${this.names}`;
    this.time.pass(60_000);
    this.time.boot();
    this.time.pass(60_000); // no process is older than its machine, this one included
    this.processes.table.set(1, { pid: 1, startTime: 1, uid: UID + 1 });
    this.processes.table.set(process.pid, { pid: process.pid, startTime: 77 });
  }

  /** A new process; pids come again soon. */
  start(facts: Partial<OwnProcess> = {}): OwnProcess {
    this.time.pass(1_000);
    let pid = FIRST_PID;
    while (this.processes.table.has(pid)) pid += 1;
    const started = { pid: facts.pid ?? pid, startTime: this.ticks(), ...facts };
    this.processes.table.set(started.pid, started);
    return started;
  }

  open(kind: Kind, isKept: boolean): void {
    this.names += 1;
    const now = this.time.now();
    const id = `s${String(this.names).padStart(7, '0')}`;
    const owner = this.start();
    const times = { createdAt: now, changedAt: now, heartbeatAt: now };
    const session = { id, kind, isKept: isKept && kind !== 'no-lease' && kind !== 'bad-lease', ...times };
    const machine = { bootId: this.processes.bootId, bootedAt: this.bootedAt() };
    const opened = { ...session, ...machine, owner, files: new Map<string, number>(), workMadeAt: now };
    mkdirSync(this.tmpOf(opened), { recursive: true, mode: 0o700 });
    this.writeLease(opened);
    this.sessions.push(opened);
    this.write(opened, 'work');
  }

  writeLease(session: OpenSession): void {
    const { id, kind, bootId, bootedAt, owner, agent, createdAt, isKept } = session;
    if (kind === 'no-lease') return;
    const at = new Date(createdAt).toISOString();
    const lease = leaseOf(id, {
      backend: 'claude',
      createdAt: at,
      bootedAt,
      owner: {
        pid: owner.pid,
        startTime: owner.startTime,
        bootId,
        host: kind === 'other-host' ? 'elsewhere' : hostname(),
        pidNamespace: kind === 'other-namespace' ? '4026532999' : PID_NAMESPACE,
        uid: UID,
      },
      ...(agent ? { agent: { pid: agent.pid, startTime: agent.startTime } } : {}),
      ...(isKept ? { kept: { at } } : {}),
    });
    if (kind === 'other-host') (lease['owner'] as { bootId: string }).bootId = 'boot-of-another';
    // In place: the directory does not change by it.
    const text = kind === 'bad-lease' ? '{"version":1,' : JSON.stringify(lease);
    writeFileSync(join(this.dirOf(session), 'lease.json'), text, { mode: 0o600 });
    session.heartbeatAt = this.time.now();
  }

  write(session: OpenSession, kind: 'work' | 'output' | 'cwd'): void {
    this.names += 1;
    const tasks = `claude-${UID}/project/00000000-0000-4000-8000-000000000000/tasks`;
    const cwd = `claude-${this.names.toString(16).padStart(4, '0')}-cwd`;
    const name = { work: 'd/work', output: `${tasks}/${this.names}.output`, cwd }[kind];
    put(join(this.tmpOf(session), name));
    session.files.set(name, this.time.now());
  }

  /** Time passes; owners that live and are not stopped say so. */
  pass(ms: number): void {
    this.time.pass(ms);
    for (const session of this.sessions) {
      if (this.isAlive(session.owner)) this.writeLease(session);
    }
  }

  /** A process goes, with all it had open. */
  stop(pid: number): void {
    const { fds = [], cwd } = this.processes.table.get(pid) ?? {};
    for (const fd of [...fds, ...(cwd === undefined ? [] : [cwd])]) {
      closeSync(fd);
      this.heldIn.delete(fd);
    }
    this.processes.table.delete(pid);
  }

  /** Opens a file of a session, for a process of the table; throws when it is not there. */
  hold(session: OpenSession, name: string): number {
    const fd = openSync(join(this.tmpOf(session), name), 'r');
    this.heldIn.set(fd, { id: session.id, name });
    return fd;
  }

  isAlive({ pid, startTime }: Identity): boolean {
    const facts = this.processes.table.get(pid);
    return facts !== undefined && facts.startTime === startTime && !facts.isZombie;
  }

  /** `live`, `used` or `unused`, as the table in docs/reaper.md has it. */
  verdict(session: OpenSession): 'live' | 'used' | 'unused' {
    const { kind, bootId, owner, agent, isKept, heartbeatAt, changedAt, files } = session;
    if (isKept) return 'used';
    const isThisBoot = bootId === this.processes.bootId;
    if (kind === 'here' && isThisBoot && this.isAlive(owner)) return 'live';
    const usedAt = Math.max(changedAt, ...files.values(), this.workUsedAt(session));
    const isYoung = this.age(session, usedAt) < MAX_AGE_MS;
    const isEarlierBoot = kind === 'here' && !isThisBoot && heartbeatAt < this.bootedAt();
    const isElsewhere = kind.startsWith('other') || (kind === 'here' && !isThisBoot && !isEarlierBoot);
    if (isElsewhere && (this.age(session, heartbeatAt) < MAX_AGE_MS || isYoung)) return 'used';
    if (kind.endsWith('lease') && isYoung) return 'used';
    if (kind === 'here' && isThisBoot && agent && this.isAlive(agent)) return 'used';
    return this.users(session) > 0 ? 'used' : 'unused';
  }

  /** The clock was set back since: its atime is later than what was written, as if it had been read. */
  private workUsedAt({ files, workMadeAt: atimeMs }: OpenSession): number {
    const writtenAt = files.get('d/work');
    if (writtenAt === undefined) return 0;
    const times = { atimeMs, mtimeMs: writtenAt, ctimeMs: writtenAt };
    return lastUse(times, readsNotedAt(this.root), this.time.now());
  }

  /** How old what is of this time can be: how far the clock was set since counts as long as this boot lasts, and so does its owner's age. */
  private age(session: OpenSession, at: number): number {
    const { kind, bootId, owner, bootedAt, createdAt } = session;
    const wallMs = this.time.now() - at;
    if (kind.endsWith('lease') || kind === 'other-host' || bootId !== this.processes.bootId) return wallMs;
    const sinceBootMs = this.time.now() - this.bootedAt();
    const oldestMs = Math.min(sinceBootMs - owner.startTime * 10, sinceBootMs - (createdAt - bootedAt));
    return Math.min(wallMs - Math.max(0, this.setMs(session)), oldestMs);
  }

  private setMs = ({ kind, bootId, bootedAt }: OpenSession): number =>
    kind.endsWith('lease') || kind === 'other-host' || bootId !== this.processes.bootId
      ? 0
      : this.bootedAt() - bootedAt;

  /** Processes that use a session. Who cannot be read uses none, as long as no socket there speaks for him. */
  users(session: OpenSession): number {
    const isUser = ({ isZombie, isUnreadable, tmpdir, fds = [], cwd = -1 }: OwnProcess) =>
      !isZombie &&
      !isUnreadable &&
      (tmpdir === this.tmpOf(session) || [...fds, cwd].some((fd) => this.heldIn.get(fd)?.id === session.id));
    return [...this.processes.table.values()].filter(isUser).length;
  }

  /** What the reaper takes out of a session that lives on: old, and nobody has it open. */
  isSwept(session: OpenSession, name: string): boolean {
    const writtenAt = session.files.get(name) ?? 0;
    if (name === 'd/work' || this.age(session, writtenAt) < MAX_AGE_MS || this.verdict(session) !== 'live')
      return false;
    const isIt = (fd: number) => this.heldIn.get(fd)?.id === session.id && this.heldIn.get(fd)?.name === name;
    const isHeld = [...this.processes.table.values()].some(
      ({ fds = [], isZombie }) => !isZombie && fds.some(isIt),
    );
    return !isHeld;
  }

  bootedAt = (): number => this.time.bootedAt();
  private ticks = (): number => Math.round((this.time.now() - this.time.bootedAt()) / 10);

  undo(): void {
    for (const pid of this.processes.table.keys()) this.stop(pid);
    rmSync(this.root, { recursive: true, force: true });
  }
}
