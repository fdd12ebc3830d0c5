// One scenario on one side: what it left and how long it took.
import { rmSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { isAlive, kill } from '../../../helpers/processes.js';
import { scene } from '../../../helpers/scene.js';
import type { Scenario, Sizes } from './scenarios.js';
import { type Left, type Side, stage } from './stage.js';

export interface Outcome extends Left {
  ms: number;
  /** Of the event loop; of a server that has died nobody knows it. */
  lateMs: number | undefined;
  /** What the server says of the first agent. */
  note: string;
}

/** Ends what the scenario left, too. */
export async function perform({ how, prepare, act }: Scenario, side: Side, sizes: Sizes): Promise<Outcome> {
  const undo: (() => unknown)[] = [];
  const here = scene({ after: (action: () => unknown) => undo.push(action) } as unknown as TestContext);
  // Until none is left that could start another.
  const endAll = () => {
    for (let pids = here.processes(); pids.length > 0; pids = here.processes())
      for (const pid of pids) kill(pid, 'SIGKILL');
  };
  const onExit = () => {
    endAll();
    rmSync(here.box.dir, { recursive: true, force: true, maxRetries: 50, retryDelay: 50 });
  };
  process.once('exit', onExit);
  try {
    const it = stage(here, side, how);
    await prepare?.(it, sizes);
    await it.late();
    const since = performance.now();
    await act(it, sizes);
    const ms = performance.now() - since;
    const lateMs = isAlive(it.server().process.pid) ? await it.late() : undefined;
    const left = await it.left();
    const { agents = [] } = lateMs === undefined ? {} : await it.server().state();
    return { ...left, ms, lateMs, note: (agents[0]?.note ?? '').replaceAll(here.box.dir, '…') };
  } finally {
    process.off('exit', onExit);
    endAll();
    for (const action of undo.reverse()) await action();
  }
}
