// One run, inside its own namespaces: the stand-in, the agent alone or under qw-run, the blow, and what is left.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { kill } from '../../../helpers/processes.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { standIn } from '../api/stand-in.js';
import type { Setup } from '../clis/cli.js';
import { cliNamed } from '../clis/clis.js';
import type { Scenario } from '../scenario.js';
import { SCENARIOS } from '../scenarios.js';
import { type Agent, BASE, behind, startAgent } from './agent.js';
import { agentOf, holdOn, strike } from './blows.js';
import { read, write } from './files.js';
import { interrupt } from './interrupt.js';
import { watchPlaces } from './left.js';
import { performPair } from './pair.js';
import { performStory } from './perform-story.js';
import { others } from './processes.js';
import type { LeftFile, Measured, Run } from './row.js';
import { openSeat, type Seat } from './seat.js';
import { variable } from './sessions.js';
import { settled } from './settled.js';

import { PLACE } from './volume.js';

/** The command has to run within this, and the agent to end: by itself, or when it was told to (longer than a grace period). */
const START_MS = 180_000;
const END_MS = 30_000;
const SETTLE_MS = 2_000;

export async function perform(run: Run): Promise<Measured> {
  const cli = cliNamed(run.cli);
  const scenario = SCENARIOS.find(({ name }) => name === run.scenario) as Scenario;
  if (scenario.story) return performStory(run, scenario);
  if (scenario.pair) return performPair(run, scenario);
  const api = await standIn(scenario.commands.map((command) => `echo + >>began; ${command}`));
  const { isSandboxed = false, isInDaemon = false, settings } = scenario;
  const terminals = [run.work];
  const setup: Setup = { port: api.port, work: run.work, terminals, isSandboxed, isInDaemon, settings };
  for (const [path, text] of Object.entries(cli.files(setup))) write(join(run.home, path), text);
  const root = scenario.volume ? join(PLACE, 'r') : rootOf();
  const options = scenario.isolation?.options;
  const places = watchPlaces([
    '/tmp',
    '/var/tmp',
    '/dev/shm',
    run.home,
    run.work,
    ...(scenario.volume ? [root] : []),
  ]);

  const env = {
    ...cli.env(api.port),
    ...(scenario.volume ? { QW_ROOT: root } : {}),
    ...(scenario.volume || scenario.isHooked ? { QW_TELL: 'on' } : {}),
  };
  const args = scenario.isInterrupted ? (cli.terminal?.(setup) ?? []) : cli.args(setup);
  const command = [...behind(run.mode), ...(options ?? []), run.program, ...args];
  const terminal = scenario.isInterrupted ? openSeat(command, run.work, inTerminal(run, env)) : undefined;
  const agent = terminal ? seated(terminal) : startAgent(run, command, env);
  const started = await whatStarts(scenario, agent);
  const interrupted = terminal ? await interrupt(terminal) : [];
  const untold = scenario.isHooked && !hasHook(root) ? ['it has no hook of ours'] : [];
  const seen = options && started.length > 0 ? lookAndLetGo(run, options, places.left()) : [];
  const isWrapped = run.mode !== 'alone';
  const disturbed = await strike(scenario, { started: agent.pid, root, isWrapped });
  const exit = await agent.exit(scenario.blow ? END_MS : START_MS);
  const { held, wrong: betrayed } = await holdOn(scenario, { root, isWrapped });
  const { files, processes } = await settled(() => ({ files: places.left(), processes: others() }));
  await api.close();
  return {
    exit,
    began: read(join(run.work, 'began')).split('\n').filter(Boolean).length,
    ran: api.ran(),
    isTold: api.bodies.some((body) => body.includes('The disk is full: ')),
    started,
    made: read(join(run.work, 'made')),
    meanwhile: [
      ...untold,
      ...seen,
      ...interrupted,
      ...disturbed,
      ...betrayed,
      ...(held ? processes.map(({ name }) => `${name} goes on`) : []),
      ...(isInDaemon && !processes.some(({ name }) => name === 'command') ? ['the command is gone'] : []),
    ],
    ...sorted(run, root, files),
    processes: held ?? processes.map(({ name }) => name).sort(),
    said: agent.said(),
    asked: api.asked,
  };
}

const inTerminal = ({ home }: Run, env: Record<string, string>) => ({
  ...BASE,
  HOME: home,
  ...env,
  TERM: 'xterm-256color',
});

const seated = ({ pid, hasEnded, said, quit }: Seat): Agent => ({ pid, hasEnded, said, exit: quit });

/** Of the only session. */
const hasHook = (root: string): boolean => variable(agentOf(root), 'QW_TELL_COMMAND') !== '';

/** Resolves when all the background processes were seen, or the agent is gone. */
async function whatStarts({ starts, isInDaemon, blow }: Scenario, agent: Agent): Promise<string[]> {
  const seen = new Set<string>();
  const look = () => {
    for (const { name } of others()) if (starts.includes(name)) seen.add(name);
    return seen.size === starts.length || (agent.hasEnded() && !isInDaemon);
  };
  await waitUntil('the command runs', look, { timeoutMs: START_MS }).catch(() => {});
  // Not a condition to wait for: an agent that is hit while it starts a command behaves as at no other time.
  if (blow) await pause(SETTLE_MS);
  return [...seen].sort();
}

/** While the command of an isolated agent runs: what of it others can see that they should not. Then it is let go. */
function lookAndLetGo(run: Run, options: readonly string[], found: LeftFile[]): string[] {
  const { tmp, root } = sorted(run, rootOf(), found);
  for (const one of others()) if (one.name === 'command') kill(one.pid, 'SIGTERM');
  const isPrivate = options.includes('tmp');
  const isInMemory = !isPrivate || options.includes('--size');
  return [
    ...(isPrivate ? tmp.map(({ path }) => `/tmp/${path} meanwhile`) : []),
    ...(isInMemory
      ? root.filter(({ path }) => /\/tmp\/./.test(path)).map(({ path }) => `${path} on disk`)
      : []),
    ...(root.length > 0 ? [] : ['no session meanwhile']),
  ];
}

const rootOf = (): string => `/tmp/qw-${process.getuid?.()}`;

/** By place, with names relative to it. */
function sorted({ home, work }: Run, root: string, files: readonly LeftFile[]) {
  const below = (dir: string, name = '') =>
    files
      .filter(({ path }) => path.startsWith(`${dir}/`))
      .map(({ path, bytes }) => ({ path: name + path.slice(dir.length + 1), bytes }));
  const isElsewhere = (path: string) => [root, home, work].some((dir) => path.startsWith(`${dir}/`));
  return {
    tmp: below('/tmp').filter(({ path }) => !isElsewhere(`/tmp/${path}`)),
    root: below(root).filter(({ path }) => !OF_AN_EMPTY_ROOT.includes(path) && !path.startsWith('.lock-')),
    elsewhere: [
      ...below(home, '~/'),
      ...below(work, './').filter(({ path }) => !TOLD.includes(path)),
      ...['/var/tmp', '/dev/shm']
        .flatMap((dir) => below(dir, `${dir}/`))
        .filter(({ path }) => path !== root && !path.startsWith(`${root}/`)),
    ],
  };
}

/** By the commands, to us. */
const TOLD = ['./made', './began'];
const OF_AN_EMPTY_ROOT = ['', '.qw-root', '.reaped', '.trash/'];
