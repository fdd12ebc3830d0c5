// Cline. Its hub, one for each user, runs the commands of all terminals. `CLINE_SESSION_BACKEND_MODE=local`
// keeps them in the process, but not in a terminal (3.0.65): that one looks for a hub, and starts one beside
// itself where it finds none. So it gets a place of its own to look: what it starts is the session's alone.
import { join } from 'node:path';
import { agent } from './agent.js';
import { type DaemonStart, type DaemonUse, inDaemon, NO_DAEMON, options, positionals } from './daemon.js';

export const cline = agent({
  name: 'cline',
  pack: 'cline',
  entry: /\/node_modules\/(cline|@cline\/cli-[a-z0-9-]+)\/bin\/\.?cline$/,
  // That runs on whoever started it, a shell in a session too: spared.ts.
  daemon: clineDaemon,
});

function clineDaemon({ wanted, args: all, env, session }: DaemonStart): DaemonUse {
  const args = options(all);
  const [command = ''] = positionals(args, TAKES_VALUE);
  const isNested = env['CLINE_HUB_PATHNAME']?.startsWith(OURS);
  const without = isNested ? WITHOUT : {};
  if (OF_THE_HUB.includes(command) || args.some((word) => word === '-z' || word === '--zen'))
    return inDaemon('cline', without);
  if (ALONE.includes(command)) return NO_DAEMON;
  const isShared = wanted ? wanted === 'shared' : !isNested && isSharedByUser(env);
  if (isShared) return inDaemon('cline', without);
  return {
    env: {
      [MODE]: 'local',
      CLINE_HUB_DISCOVERY_PATH: join(session.tmpdir, 'cline-hub.json'),
      CLINE_HUB_PATHNAME: `${OURS}${session.id}`,
      CLINE_HUB_PORT: String(portOf(session.id)),
    },
  };
}

/** What variables of the user say: any other mode than `local`, or a hub of their own. */
const isSharedByUser = (env: NodeJS.ProcessEnv): boolean =>
  PLACE.some((name) => env[name]) || (env[MODE] || 'local').trim().toLowerCase() !== 'local';

/** Below the ports that the kernel gives away, and its own (25463). */
const portOf = (id: string): number => 10_000 + (Number.parseInt(id, 36) % 10_000);

const OURS = '/qw-'; // as spared.ts knows it
const MODE = 'CLINE_SESSION_BACKEND_MODE';
const PLACE = ['CLINE_HUB_DISCOVERY_PATH', 'CLINE_HUB_PATHNAME', 'CLINE_HUB_PORT', 'CLINE_HUB_HOST'];
const WITHOUT = Object.fromEntries([MODE, ...PLACE].map((name) => [name, undefined]));

const TAKES_VALUE = (
  '--auto-approve -c --cwd --compaction --id -P --provider -k --key -m --model -s --system --retries -t ' +
  '--timeout --config --data-dir --hooks-dir'
).split(' ');
const OF_THE_HUB = 'hub dashboard schedule connect kanban'.split(' ');
/** They look after the hub of their user, or never look for one. */
const ALONE = 'doctor update version help'.split(' ');
