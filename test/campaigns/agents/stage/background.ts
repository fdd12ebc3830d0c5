// Two background sessions of Claude, asked for one after the other, with us or without; then one of them is stopped.
// Both are their person's: nothing of a session of ours is in them, and none of ours stays.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Mode, Scenario } from '../scenario.js';
import { behind } from './agent.js';
import { read } from './files.js';
import { ofDaemon, ourSessions, variable, working } from './sessions.js';
import { PATIENCE, type Stage } from './story.js';

type Pair = NonNullable<Scenario['pair']>;

interface Asked {
  pid: number;
  name: string;
}

export async function background(stage: Stage, { order, quits }: Pair, mode: Mode): Promise<void> {
  const both: Asked[] = [];
  for (const letter of order) both.push(await asked(stage, letter === 'W' ? mode : 'alone', both));
  await waitUntil('our sessions end with those who asked', () => ourSessions().length === 0, PATIENCE);
  for (const { pid } of [...both, ...ofDaemon()])
    for (const name of ['TMPDIR', 'QW_SESSION', 'QW_ROOT'])
      stage.expect(`${name} is ${variable(pid, name)}`, variable(pid, name) === '');
  const [goes, stays] = (quits === 'first' ? both : both.reverse()) as [Asked, Asked];
  await stage.claude('stop', goes.name);
  await waitUntil('the command of the stopped one ends', () => !isAlive(goes.pid), PATIENCE);
  stage.expect("the other one's command is gone", isAlive(stays.pid));
  const made = readdirSync(stage.work)
    .filter((name) => name.startsWith('made-'))
    .map((name) => read(join(stage.work, name)));
  stage.expect(`mktemp: ${made.join(' ')}`, made.length === 2 && made.every(existsSync));
}

/** Its command runs. */
async function asked(stage: Stage, mode: Mode, before: readonly Asked[]): Promise<Asked> {
  const { name, said } = await stage.background(`task ${before.length}`, behind(mode));
  if (mode === 'qw-run')
    stage.expect(`it says: ${said}`, /^qw-run: claude --bg runs its commands/m.test(said));
  const found = () => working().find(({ pid }) => before.every((one) => one.pid !== pid));
  await waitUntil('its command runs', () => found() !== undefined, PATIENCE);
  return { pid: found()?.pid ?? 0, name };
}
