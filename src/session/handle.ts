// The handle of one session: what its user calls. What is known of it, what goes on beside it and the story
// of its end are elsewhere.
import { resolve } from 'node:path';
import { QwRunError } from '../errors.js';
import { checkOptions } from '../known-options.js';
import type { ProcessIdentity } from '../process/identity.js';
import { identityToAdopt, startTimeNow } from './adopt.js';
import { type AgentStart, agentStart } from './agent-start.js';
import { checkTmpdir } from './agent-tmpdir.js';
import { beginEnd, checkEnd, finish } from './finish.js';
import { type Known, knownOf, type Parts } from './known.js';
import { COMMAND, type EndOptions, type EndReport, type Session } from './session.js';
import { upkeep as startUpkeep } from './upkeep.js';

export interface OpenedSession extends Session {
  /** The mounts that were asked for, if any, are made. */
  isolated(): Promise<void>;
  onGone(callback: () => void): void;
}

/** Everything of a session that is open: kept alive from here until `end()`. */
export function handle(parts: Parts): OpenedSession {
  const openedAt = startTimeNow(parts.lease.owner.startTime);
  const known = knownOf(parts);
  const { id, root, dir, tmpdir, seen, profile, settings } = known;
  const upkeep = startUpkeep(known);
  const start = startOf(known, parts.warnings);
  let ended: Promise<EndReport> | undefined;
  let tellGone = () => {};
  const end = (options: EndOptions = {}) => {
    try {
      if (!ended) checkEnd(options); // one that is refused has not begun
    } catch (error) {
      return Promise.reject(error);
    }
    ended ??= finish(known, upkeep, options, () => tellGone());
    return ended;
  };
  const mustBeOpen = () => {
    if (ended) throw hasEnded(id);
  };
  return {
    ...{ id, root, dir, tmpdir, backend: profile.name, graceMs: settings.graceMs, warnings: start.warnings },
    get lastPressure() {
      return upkeep.lastPressure();
    },
    onPressure: upkeep.onPressure,
    ...starting(known, start, mustBeOpen),
    isolated: () => noteIsolation(known),
    adopt: (pid: number) => {
      mustBeOpen();
      const agent = adopt(known, pid, openedAt);
      if (!agent) return;
      upkeep.watchAgent();
      const tmpdirs = [seen.tmpdir, tmpdir];
      const warn = (line: string) => {
        start.warn(line);
        known.atEnd.push(line);
      };
      if (!start.isOutside()) checkTmpdir({ agent, tmpdirs, isOpen: () => !ended, warn });
    },
    beginEnd: () => beginEnd(known),
    end,
    ...disposable(end),
    onGone: (callback: () => void) => {
      tellGone = callback;
    },
  };
}

/** Node 20.3 has no such symbol: the name of the method would be `undefined`. */
const disposable = (end: () => Promise<unknown>) =>
  (Symbol.asyncDispose ? { [Symbol.asyncDispose]: async () => void (await end()) } : {}) as Disposable;

type Disposable = Pick<Session, typeof Symbol.asyncDispose>;

/** Also where the directory is kept: it has no owner any more, and nobody would end what starts there. */
const hasEnded = (id: string) =>
  new QwRunError('ERR_QW_SESSION_ENDED', `session ${id} has ended: open a new one for what starts now`);

function startOf(
  { id, inside, dir, seen, profile, settings }: Known,
  warnings: readonly string[],
): AgentStart {
  const keep = inside?.marker ?? { dir, seenAs: dir };
  return agentStart({ id, ...seen, keep, profile, settings, known: warnings });
}

/** What an agent is started with. */
function starting(
  { id, inside, settings }: Known,
  start: AgentStart,
  mustBeOpen: () => void,
): Pick<Session, 'env' | 'args' | 'command'> {
  return {
    env: (base = process.env) => {
      mustBeOpen();
      return start.env(base);
    },
    args: (command, args) => {
      mustBeOpen();
      // Its environment says /tmp for TMPDIR, or a directory that is empty out here.
      if (inside)
        throw new QwRunError('ERR_QW_ISOLATION', `session ${id} is isolated: spawn what command() gives`);
      return start.args(command, args);
    },
    command: (command, args = [], options = {}) => {
      mustBeOpen();
      checkOptions('command()', options, COMMAND);
      const wanted = start.args(command, args);
      const cwd = options.cwd ?? settings.cwd;
      return inside?.command(resolve(cwd), command, wanted) ?? { file: command, args: wanted };
    },
  };
}

/** In the lease, once it is there. */
async function noteIsolation({ inside, lease }: Known): Promise<void> {
  if (!inside) return;
  await inside.ready;
  const { mode, sizeBytes } = inside;
  const size = sizeBytes === undefined ? {} : { sizeBytes };
  const { pid = 0, startTime = 0 } = inside.keeper() ?? {};
  lease.update({ isolate: { mode, ...size, holder: pid, holderStartTime: startTime } });
}

/** Undefined where its identity cannot be known: then it stays unnamed. */
function adopt(known: Known, pid: number, openedAt: number): ProcessIdentity | undefined {
  const { id, tmpdir, memory, lease } = known;
  const found = identityToAdopt(pid, { id, tmpdir, pid: process.pid, openedAt });
  if (!found) return undefined;
  const agent = { pid, startTime: found.startTime };
  known.agent = agent;
  memory.noteAgent(found);
  lease.update({ agent });
  return agent;
}
