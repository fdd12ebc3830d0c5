// The handle of one session: what its user calls. What is known of it, what goes on beside it and the story
// of its end are elsewhere.
import { resolve } from 'node:path';
import { QwRunError } from '../errors.js';
import { checkCommand, checkKind, checkOptions, FUNCTION, VARIABLES } from '../known-options.js';
import { adopt } from './adopt.js';
import { checkTmpdir } from './agent-tmpdir.js';
import { beginEnd, checkEnd, finish } from './finish.js';
import type { Known } from './known.js';
import { COMMAND, type EndOptions, type EndReport, type Session } from './session.js';
import { upkeep as startUpkeep } from './upkeep.js';

/** Everything of a session that is open: kept alive from here until `end()`. */
export function handle(known: Known): Session {
  const { id, root, dir, tmpdir, seen, profile, settings, inside, start } = known;
  const upkeep = startUpkeep(known);
  let ended: Promise<EndReport> | undefined;
  const end = (options: EndOptions = {}) => {
    try {
      ended ??= finish(known, upkeep, checkEnd(options));
      return ended;
    } catch (error) {
      return Promise.reject(error); // one that is refused has not begun
    }
  };
  /** Also where the directory is kept: it has no owner any more, and nobody would end what starts there. */
  const mustBeOpen = () => {
    if (ended)
      throw new QwRunError(
        'ERR_QW_SESSION_ENDED',
        `session ${id} has ended: open a new one for what starts now`,
      );
  };
  return {
    ...{ id, root, dir, tmpdir, backend: profile.name, graceMs: settings.graceMs, warnings: start.warnings },
    get lastPressure() {
      return upkeep.pressure.found();
    },
    onPressure: (listener) => {
      checkKind('listener', listener, FUNCTION);
      return upkeep.pressure.listen(listener);
    },
    env: (base = process.env) => {
      mustBeOpen();
      checkKind('base', base, VARIABLES);
      return start.env(base);
    },
    args: (command, args) => {
      mustBeOpen();
      checkCommand(command, args);
      // Its environment says /tmp for TMPDIR, or a directory that is empty out here.
      if (inside)
        throw new QwRunError('ERR_QW_ISOLATION', `session ${id} is isolated: spawn what command() gives`);
      return start.args(command, args);
    },
    command: (command, args = [], options = {}) => {
      mustBeOpen();
      checkCommand(command, args);
      checkOptions('command()', options, COMMAND);
      const wanted = start.args(command, args);
      const cwd = options.cwd ?? settings.cwd;
      return inside?.command(resolve(cwd), command, wanted) ?? { file: command, args: wanted };
    },
    adopt: (pid) => {
      mustBeOpen();
      const agent = adopt(known, pid);
      if (!agent) return;
      upkeep.watchAgent();
      const warn = (line: string) => {
        start.warn(line);
        known.atEnd.push(line);
      };
      const tmpdirs = [seen.tmpdir, tmpdir];
      if (!start.isOutside()) checkTmpdir({ agent, tmpdirs, isOpen: () => !ended, warn });
    },
    beginEnd: () => beginEnd(known),
    end,
    ...disposable(end),
  };
}

/** Node 20.3 has no such symbol: the name of the method would be `undefined`. */
const disposable = (end: () => Promise<unknown>) =>
  (Symbol.asyncDispose ? { [Symbol.asyncDispose]: async () => void (await end()) } : {}) as AsyncDisposable;
