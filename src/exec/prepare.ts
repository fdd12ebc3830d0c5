// One start in exec mode, prepared by us: where the shell has no plan for it. Gives what the shell has to
// change.
import { QwRunError } from '../errors.js';
import type { ProcessIdentity } from '../process/identity.js';
import { startOwnPass } from '../reap/start-pass.js';
import type { OpenSessionOptions } from '../session/settings.js';
import { argumentEdits, environmentEdits } from './edits.js';
import { noteFailedStart } from './failed-start.js';
import { follow } from './follow.js';
import { openFor } from './open-for.js';
import { writePlan } from './plan.js';

export interface Preparation {
  /** Who becomes the agent. */
  agent: ProcessIdentity;
  options: OpenSessionOptions;
  plan: { file: string; question: string };
}

/**
 * The lines for the shell.
 * @throws QwRunError why there is no session; it is in the log then
 */
export async function prepare({ agent, options, plan }: Preparation): Promise<string[]> {
  const { env = process.env, command = [] } = options;
  try {
    const opened = await openFor(agent, options);
    const { start, inside, settings, root } = opened;
    const [file = '', ...args] = command;
    const wanted = start.args(file, args);
    const whole = inside?.command(settings.cwd, file, wanted) ?? { file, args: wanted };
    const lines = [
      ...environmentEdits(env, start.env(env)),
      ...argumentEdits(command, [whole.file, ...whole.args]),
    ];
    if (settings.watchdog) follow(opened);
    startOwnPass(root, env);
    await writePlan({ ...plan, opened, isAsTyped: argumentEdits(args, wanted).length === 0 });
    return lines.filter((line) => !/[\n\r\0]/.test(line));
  } catch (error) {
    if (!(error instanceof QwRunError && error.code === 'ERR_QW_USAGE'))
      await noteFailedStart(error, command, env);
    throw error;
  }
}
