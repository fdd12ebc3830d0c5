// The example server with agents that leave a file and a process each, with qw-run or without it, and what of agents that it no
// longer has is left.
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExampleServer, startExample } from '../../../helpers/example-server.js';
import { fixture } from '../../../helpers/paths.js';
import { isAlive } from '../../../helpers/processes.js';
import type { Scene } from '../../../helpers/scene.js';
import { waitUntil } from '../../../helpers/wait-until.js';

export type Side = 'without' | 'with';
export type How = 'stay' | 'deaf' | 'exit7';

export interface Left {
  processes: number;
  bytes: number;
}

export interface Stage {
  side: Side;
  here: Scene;
  /** Starts the server, or starts it again. */
  boot(more?: { env?: NodeJS.ProcessEnv; script?: string }): Promise<ExampleServer>;
  server(): ExampleServer;
  /** Starts agents and waits until each has left what it leaves. */
  start(...keys: string[]): Promise<void>;
  post(path: string): Promise<void>;
  /** Waits until another generation of these agents has left what it leaves. */
  renewed(keys: string[], act: () => Promise<unknown>): Promise<void>;
  pidOf(key: string): number;
  /** Longest delay of the server's event loop since the last question, ms. */
  late(): Promise<number>;
  /** Of generations that the server no longer has; of all where it is dead. Waits until there is none, or it seems to stay. */
  left(): Promise<Left>;
}

/** What is left for so long without qw-run stays. */
const STAY_MS = 3_000;

export const KEYS = ['p/a', 'p/b', 'q/a', 'q/b'];

export function stage(here: Scene, side: Side, how: How = 'stay'): Stage {
  const live = join(here.box.dir, 'live');
  const shared = join(here.box.dir, 't');
  for (const dir of [live, shared]) mkdirSync(dir, { mode: 0o700 });
  const config = join(here.box.dir, 'config.json');
  writeConfig(config, how);
  const names = new Map(KEYS.map((key) => [key, join(live, key.replace('/', '-'))]));
  const generationOf = (key: string) => {
    const path = names.get(key) ?? '';
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  };
  let server: ExampleServer;
  const boot: Stage['boot'] = async ({ env = {}, script } = {}) => {
    const preloads = [fixture('loop-delay.cjs'), ...(side === 'without' ? [fixture('without-us.cjs')] : [])];
    const all = { LIVE: live, TMPDIR: shared, QW_GRACE: '1s', ...env };
    server = await startExample(here, { args: [config], preloads, env: all, ...(script && { script }) });
    return server;
  };
  const renewed: Stage['renewed'] = async (keys, act) => {
    const before = new Map(keys.map((key) => [key, generationOf(key)]));
    await act();
    for (const key of keys)
      await waitUntil(`${key} has left what it leaves`, () => generationOf(key) !== before.get(key));
  };
  const post = async (path: string) => {
    const { status, body } = await server.post(path);
    if (status >= 400) throw new Error(`${path}: ${status} ${body}`);
  };
  const running = async () => {
    if (!isAlive(server.process.pid)) return [];
    const { agents } = await server.state();
    return agents.filter(({ state }) => state === 'running').map(({ key }) => generationOf(key));
  };
  const look = async (): Promise<Left> => {
    const alive = await running();
    const isOver = alive.length === 0 && !isAlive(server.process.pid);
    const processes = here
      .processes()
      .map(generationIn)
      .filter((one) => (one === '' ? isOver : !alive.includes(one)));
    const files = outputs(here.box.dir).filter(({ generation }) => !alive.includes(generation));
    return { processes: processes.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  };
  return {
    ...{ side, here, boot, renewed, post },
    server: () => server,
    start: (...keys) => renewed(keys, () => Promise.all(keys.map((key) => post(`/api/agents/${key}/start`)))),
    pidOf: (key) => Number(generationOf(key)),
    late: async () => {
      server.process.child.send('late');
      return (await once(server.process.child, 'message'))[0] as number;
    },
    left: async () => {
      let last: Left = { processes: 0, bytes: 0 };
      const isNothing = async () => {
        last = await look();
        return last.processes === 0 && last.bytes === 0;
      };
      const how = { timeoutMs: side === 'with' ? 60_000 : STAY_MS, everyMs: 50 };
      await waitUntil('nothing is left', isNothing, how).catch(() => {}); // what is, is the answer
      return last;
    },
  };
}

/** Four agents in two projects; the first does as told. */
export function writeConfig(path: string, how: How, enabled = true): void {
  const agent = (key: string, as: How) => ({
    command: 'sh',
    args: [fixture('leaving-agent.sh'), key.replace('/', '-'), as],
  });
  const projects = ['p', 'q'].map((id) => ({
    id,
    agents: Object.fromEntries(
      ['a', 'b'].map((name) => [name, agent(`${id}/${name}`, `${id}/${name}` === 'p/a' ? how : 'stay')]),
    ),
  }));
  writeFileSync(path, JSON.stringify({ temp_cleanup: { enabled }, projects }));
}

function generationIn(pid: number): string {
  try {
    return /(?:^|\0)GENERATION=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** What agents wrote, wherever it lies. It may vanish meanwhile. */
function outputs(dir: string): { generation: string; bytes: number }[] {
  const names = (at: string): string[] => {
    try {
      return readdirSync(at);
    } catch {
      return [];
    }
  };
  return names(dir).flatMap((name) => {
    const path = join(dir, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return outputs(path);
    return stat && /^\d+\.out$/.test(name)
      ? [{ generation: name.slice(0, -4), bytes: stat.blocks * 512 }]
      : [];
  });
}
