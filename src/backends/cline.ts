// Cline. Its hub, one for each user, runs the commands of all terminals. `CLINE_SESSION_BACKEND_MODE=local`
// keeps them in the process, but not in a terminal (3.0.65): that one looks for a hub, and starts one beside
// itself where it finds none. So it gets a place of its own to look: what it starts is the session's alone.
import { join } from 'node:path';
import { starter } from './agent-program.js';
import { type DaemonStart, type DaemonUse, inDaemon, NO_DAEMON, options, positionals } from './daemon.js';
import type { BackendProfile } from './profile.js';

export const cline: BackendProfile = {
  name: 'cline',
  matches: starter({
    name: 'cline',
    pack: 'cline',
    entry: /\/node_modules\/(cline|@cline\/cli-[a-z0-9-]+)\/bin\/\.?cline$/,
  }),
  env: () => ({}),
  daemon: clineDaemon,
  args: (_tmpdir, args) => [...args],
  warnings: () => [],
  units: [],
  legacy: [],
  shared: [], // a shell that runs in a session may start it: spared everywhere (spared.ts)
};

function clineDaemon({ wanted, args: all, env, session }: DaemonStart): DaemonUse {
  const args = options(all);
  const [command = ''] = positionals(args, TAKES_VALUE);
  const isNested = env['CLINE_HUB_PATHNAME']?.startsWith(OURS);
  const without = isNested ? WITHOUT : {};
  if (OF_THE_HUB.has(command) || args.some((word) => word === '-z' || word === '--zen'))
    return inDaemon('cline', without);
  if (ALONE.has(command)) return NO_DAEMON;
  const choice = wanted ?? (isNested ? undefined : ofUser(env)) ?? 'own';
  if (choice === 'shared') return inDaemon('cline', without);
  const { id, tmpdir } = session;
  return {
    env: {
      CLINE_SESSION_BACKEND_MODE: 'local',
      CLINE_HUB_DISCOVERY_PATH: join(tmpdir, 'cline-hub.json'),
      CLINE_HUB_PATHNAME: `${OURS}${id}`,
      CLINE_HUB_PORT: String(portOf(id)),
    },
  };
}

/** What variables of the user say: any other mode than `local`, or a hub of their own. */
const ofUser = (env: NodeJS.ProcessEnv): 'shared' | undefined =>
  PLACE.some((name) => env[name]) || (env[MODE] || 'local').trim().toLowerCase() !== 'local'
    ? 'shared'
    : undefined;

/** Below the ports that the kernel gives away, and its own (25463). */
const portOf = (id: string): number => 10_000 + (Number.parseInt(id, 36) % 10_000);

const OURS = '/qw-'; // as spared.ts knows it
const MODE = 'CLINE_SESSION_BACKEND_MODE';
const PLACE = ['CLINE_HUB_DISCOVERY_PATH', 'CLINE_HUB_PATHNAME', 'CLINE_HUB_PORT', 'CLINE_HUB_HOST'];
const WITHOUT = Object.fromEntries([MODE, ...PLACE].map((name) => [name, undefined]));

const TAKES_VALUE: ReadonlySet<string> = new Set([
  ...['--auto-approve', '-c', '--cwd', '--compaction', '--id', '-P', '--provider', '-k', '--key', '-m'],
  ...['--model', '-s', '--system', '--retries', '-t', '--timeout', '--config', '--data-dir', '--hooks-dir'],
]);
const OF_THE_HUB: ReadonlySet<string> = new Set(['hub', 'dashboard', 'schedule', 'connect', 'kanban']);
/** They look after the hub of their user, or never look for one. */
const ALONE: ReadonlySet<string> = new Set(['doctor', 'update', 'version', 'help']);
