// An agent that stays until it is told to leave, so that a test can look at what it started before it goes.
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { type Finished, type Running, start } from './cli.js';
import { qwRun } from './paths.js';
import { isAlive, kill } from './processes.js';
import { identityOf, ids } from './reaping.js';
import { readyPid, type Scene } from './scene.js';

/** Exit code of the agent: whatever it leaves behind, this is what `qw-run` has to end with. */
export const CODE = 7;

export interface LeavingAgent {
  wrapper: Running;
  /** The pid that the script announced as `ready PID `. */
  pid: number;
  id: string;
  /** The agent exits with `CODE`; resolves when the wrapper did and all have closed its output. */
  leave(): Promise<Finished>;
}

/** `script` runs in the agent's shell and has to return; somebody in it says `ready PID `. */
export async function agentThat(scene: Scene, flags: string[], script: string): Promise<LeavingAgent> {
  const before = ids(scene.box);
  const args = [...flags, '--', 'sh', '-c', `${script}\nread go; exit ${CODE}`];
  const wrapper = start(qwRun, args, { ...scene.options, stdio: ['pipe', 'pipe', 'pipe'] });
  const pid = await readyPid(wrapper.says);
  const leave = () => {
    wrapper.child.stdin?.end('\n');
    return wrapper.done;
  };
  return { wrapper, pid, id: ids(scene.box).find((one) => !before.includes(one)) ?? '', leave };
}

/** Process name, as the kernel has it: tells whether an `exec` has happened yet. */
export function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** SIGKILLs a process after the test: one without the mark of the scene. */
export function killAfter(t: TestContext, pid: number): void {
  const { startTime } = identityOf(pid);
  t.after(() => {
    if (isAlive(pid) && identityOf(pid).startTime === startTime) kill(pid, 'SIGKILL');
  });
}
