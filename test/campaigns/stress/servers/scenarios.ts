// What happens to a server and its agents. Each scenario prepares, acts, and is over when the server has done it, or is dead.
import { spawnSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import treeKill from 'tree-kill';
import { isAlive, kill } from '../../../helpers/processes.js';
import { forge } from '../../../helpers/reaping.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { ownedByNobody } from '../../bench/performance/sessions.js';
import { type How, KEYS, type Stage, writeConfig } from './stage.js';

export interface Scenario {
  name: string;
  /** What the first agent does. */
  how?: How;
  prepare?(stage: Stage, size: Sizes): Promise<unknown>;
  act(stage: Stage, size: Sizes): Promise<unknown>;
}

export interface Sizes {
  restarts: number;
  files: number;
}

const PM2_KILL_MS = 1_600; // its kill_timeout
const COPY_MS = 600; // the same signal within half a second is a copy

const withAll = async (stage: Stage) => {
  await stage.boot();
  await stage.start(...KEYS);
};
const dead = ({ server }: Stage) => server().process.done;
const signalled = (signal: NodeJS.Signals): Scenario => ({
  name: `${signal} to the server`,
  prepare: withAll,
  act: async (stage) => {
    kill(stage.server().process.pid, signal);
    await dead(stage);
  },
});
/** The server has noticed that the agent left. */
const noticed = ({ server }: Stage) =>
  waitUntil('it is noticed', async () => (await server().state()).agents[0]?.state === 'stopped');

export const SCENARIOS: readonly Scenario[] = [
  { name: 'start of four agents', prepare: (stage) => stage.boot(), act: (stage) => stage.start(...KEYS) },
  { name: 'stop of one', prepare: withAll, act: ({ post }) => post('/api/agents/p/a/stop') },
  {
    name: 'restart, again and again',
    prepare: withAll,
    act: async ({ renewed, post }, { restarts }) => {
      for (let count = 0; count < restarts; count += 1)
        await renewed(['p/a'], () => post('/api/agents/p/a/restart'));
    },
  },
  {
    name: 'reset of a project',
    prepare: withAll,
    act: ({ renewed, post }) => renewed(['p/a', 'p/b'], () => post('/api/agents/p/reset')),
  },
  {
    name: 'full reset',
    prepare: withAll,
    act: ({ renewed, post }) => renewed(KEYS, () => post('/api/full-reset')),
  },
  {
    name: 'two projects: all of one stop',
    prepare: withAll,
    act: async ({ post, pidOf }) => {
      await Promise.all(['p/a', 'p/b'].map((key) => post(`/api/agents/${key}/stop`)));
      for (const key of ['q/a', 'q/b'])
        if (!isAlive(pidOf(key))) throw new Error(`${key} is of the other project`);
    },
  },
  {
    name: 'an agent exits with 7',
    how: 'exit7',
    prepare: withAll,
    act: async (stage) => {
      writeFileSync(join(stage.here.box.dir, 'live/go'), '');
      await noticed(stage);
    },
  },
  {
    name: 'an agent gets SIGKILL',
    prepare: withAll,
    act: async (stage) => {
      kill(stage.pidOf('p/a'), 'SIGKILL');
      await noticed(stage);
    },
  },
  {
    name: 'stop of a deaf one',
    how: 'deaf',
    prepare: withAll,
    act: ({ post }) => post('/api/agents/p/a/stop'),
  },
  {
    name: 'kill -9 of the server, and boot',
    how: 'deaf',
    prepare: withAll,
    act: async (stage) => {
      kill(stage.server().process.pid, 'SIGKILL');
      await waitUntil('it is dead', () => !isAlive(stage.server().process.pid));
      await stage.boot();
    },
  },
  signalled('SIGTERM'),
  signalled('SIGINT'),
  signalled('SIGHUP'),
  {
    name: 'a second SIGINT, one agent deaf',
    how: 'deaf',
    prepare: async (stage) => {
      await stage.boot({ env: { QW_GRACE: '10s' } });
      await stage.start(...KEYS);
    },
    act: async (stage) => {
      kill(stage.server().process.pid, 'SIGINT');
      await pause(COPY_MS);
      kill(stage.server().process.pid, 'SIGINT');
      await dead(stage);
    },
  },
  {
    name: 'SIGINT to the whole tree, then SIGKILL, as pm2 does',
    how: 'deaf',
    prepare: withAll,
    act: async (stage) => {
      const { pid } = stage.server().process;
      const tree = (signal: string) => new Promise((resolve) => treeKill(pid, signal, resolve));
      await tree('SIGINT');
      await Promise.race([dead(stage), pause(PM2_KILL_MS)]);
      if (isAlive(pid)) await tree('SIGKILL');
      await dead(stage);
    },
  },
  {
    name: 'start while temp is full',
    prepare: ({ boot, here }) => {
      const volume = join(here.box.dir, 'm');
      mkdirSync(volume);
      const fill = `mount -t tmpfs -o size=4m,mode=700 tmpfs ${volume} && { head -c 9m /dev/zero >${volume}/x 2>/dev/null; `;
      const script = `exec unshare --user --map-root-user --mount sh -c '${fill} exec "$@"; }' sh "$@"`;
      return boot({ script, env: { TMPDIR: volume, QW_ROOT: `${volume}/r` } });
    },
    act: async ({ server }) => {
      await server().post('/api/agents/p/a/start');
      await waitUntil('it is told', async () =>
        (await server().state()).agents.some(({ state, note }) => state !== 'starting' && note !== ''),
      );
    },
  },
  {
    name: 'sweep of stale files',
    prepare: async ({ side, here, boot }, { files }) => {
      writeConfig(join(here.box.dir, 'config.json'), 'stay', false);
      await boot();
      const stale = Array.from({ length: files }, (_, at) => `f${at}`);
      if (side === 'with')
        forge(here.box, 'abcdefgh', { lease: { ...ownedByNobody(), id: 'abcdefgh' }, files: stale });
      else makeStale(join(here.box.dir, `t/claude-${process.getuid?.()}/project`), stale);
      writeConfig(join(here.box.dir, 'config.json'), 'stay');
    },
    act: ({ renewed, post }) => renewed(KEYS, () => post('/api/full-reset')),
  },
];

/** Why a full file system of one's own cannot be had, or false. */
export const noVolume = (): string | false =>
  spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status !== 0 && 'no user namespaces';

function makeStale(dir: string, files: readonly string[]): void {
  mkdirSync(dir, { recursive: true });
  for (const name of files) writeFileSync(join(dir, name), '');
  utimesSync(dir, new Date(0), new Date(0));
}
