// What happens in a run, as data: the commands the model asks for, and who gets which signal while the last of them runs.

import type { Scenario } from './scenario.js';

/** Processes a command leaves, by what the table calls them. */
export const BACKGROUND: Readonly<Record<string, string>> = {
  child: 'sleep 86401',
  'setsid child': 'sleep 86402',
  'env -i setsid child': 'sleep 86403',
  command: 'tail -f /dev/null',
};

const QUIET = '</dev/null >/dev/null 2>&1 &';
/** Claude refuses a command that begins with a long sleep. */
const all = (how: string): string =>
  `setsid sleep 86402 ${how} env -i setsid sleep 86403 ${how} sleep 86401 ${how}`;
const LEAVES = ['child', 'setsid child', 'env -i setsid child'];

/** Where mktemp puts a file, told in the working directory. */
const MKTEMP = 'mktemp > made || echo failed > made';
const HANGS = { commands: [`${all('&')} tail -f /dev/null`], starts: [...LEAVES, 'command'] };

const ends = (name: string, signal: NodeJS.Signals): Scenario => ({
  name,
  title: `SIG${name.toUpperCase()}`,
  ...HANGS,
  blow: { signal, to: 'started' },
});

/** Gemini takes a hook of ours only where root installed us: as root alone. */
const told = (one: Scenario): Scenario => ({
  ...one,
  name: `told-${one.name}`,
  title: `${one.title}, with \`QW_TELL=on\``,
  clis: ['gemini'],
  isHooked: true,
});

const OWN_TMP = ['/tmp/tmp.*', '/tmp/claude-<uid>/tmp.*', '/tmp/claude/tmp.*'];
const ISOLATIONS: readonly [name: string, options: string, makes: readonly string[]][] = [
  ['tmpfs', '--isolate tmpfs', ['/tmp/qw-<uid>/*/tmp/**']],
  ['tmp', '--isolate tmp', OWN_TMP],
  ['tmp-size', '--isolate tmp --size 1G', OWN_TMP],
];

/** With a private /tmp the command writes to a hard-coded path too; a sandbox may forbid it. */
const isolated = (isSandboxed: boolean): Scenario[] =>
  ISOLATIONS.map(([name, options, makes]) => ({
    name: isSandboxed ? `sandboxed-${name}` : name,
    title: `\`${options}\`${isSandboxed ? ', sandboxed' : ''}`,
    ...(isSandboxed ? { clis: ['claude', 'codex'], isSandboxed } : {}),
    commands: [
      name === 'tmpfs' ? MKTEMP : `${MKTEMP}; (echo x >/tmp/named) 2>&1 || true`,
      'tail -f /dev/null',
    ],
    starts: ['command'],
    isolation: { options: options.split(' '), makes },
  }));

const pairs = (): Scenario[] =>
  ORDERS.map((pair) => ({
    name: `pair-${nameOf(pair)}`,
    title: `two terminals (${pair.order}), the ${pair.quits} quits`,
    clis: ['claude', 'codex', 'opencode', 'cline'],
    // cline ends a command after 30 s: then it is asked once more
    commands: Array<string>(9).fill(`${MKTEMP}; tail -f /dev/null`),
    starts: [],
    pair,
  }));

const inBackground = (): Scenario[] =>
  ORDERS.map((pair) => ({
    name: `bg-${nameOf(pair)}`,
    title: `\`--bg\` twice (${pair.order}), the ${pair.quits} is stopped`,
    clis: ['claude'],
    commands: ['mktemp > made-$$; tail -f /dev/null'],
    starts: [],
    since: '2.1.330',
    story: 'background',
    pair,
  }));

const handedOver = (): Scenario[] =>
  (
    [
      ['fork', 'fork', '`/fork` in two terminals', undefined],
      ['leave', 'bg', '`/bg` in two terminals', undefined],
      ['slot-fork', 'fork', 'slot: `/fork` in two terminals', ['slot']],
      ['slot-leave', 'bg', 'slot: `/bg` in two terminals', ['slot']],
    ] as const
  ).flatMap(([name, story, title, modes]) =>
    ORDERS.filter(({ quits }) => story === 'fork' || quits === 'first').map((pair) => ({
      name: story === 'fork' ? `${name}-${nameOf(pair)}` : `${name}-${pair.order.toLowerCase()}`,
      title: `${title} (${pair.order})${story === 'fork' ? `, the ${pair.quits} quits` : ''}`,
      clis: ['claude'],
      commands: AGAIN,
      starts: [],
      since: '2.1.331',
      ...{ story, pair },
      ...(modes ? { modes } : {}),
    })),
  );

const relaunches = (): Scenario[] =>
  (
    [
      ['relaunch', '`/tui` twice: started anew in place', ['qw-run', 'qw-exec']],
      ['slot-relaunch', 'slot: `/tui` twice, without us before', ['slot']],
    ] as const
  ).map(([name, title, modes]) => ({
    name,
    title,
    modes,
    clis: ['claude'],
    commands: AGAIN,
    starts: [],
    since: '2.1.331',
    story: 'relaunch',
  }));

/** Each time it is told to go on. */
const AGAIN = Array<string>(9).fill('mktemp > made-$$; exec tail -f /dev/null');

const ORDERS: readonly NonNullable<Scenario['pair']>[] = ['WU', 'UW', 'WW'].flatMap((order) =>
  (['first', 'second'] as const).map((quits) => ({ order, quits })),
);
const nameOf = ({ order, quits }: NonNullable<Scenario['pair']>): string => `${order.toLowerCase()}-${quits}`;

const stories = (): Scenario[] =>
  (
    [
      ['stop', '`--bg` twice, one stopped'],
      ['respawn', '`--bg` twice, `respawn --all`'],
      ['crash', '`--bg` twice, SIGKILL of one session'],
      ['agents', 'the agents view, two tasks'],
      ['update', '`--bg`, an update, `--bg`'],
    ] as const
  ).map(([story, title]) => ({
    name: `slot-${story}`,
    title: `slot: ${title}`,
    clis: ['claude'],
    commands: ['mktemp > made-$$; tail -f /dev/null'],
    starts: [],
    since: '2.1.331',
    story,
    ...(story === 'update' ? { updatesFrom: '2.1.330' } : {}),
  }));

const FILL = 'head -c 200000000 /dev/zero >"$TMPDIR/big" 2>/dev/null; sync -f "$TMPDIR"; false';
/** Gemini runs no `$(…)`; Claude 2.1.50 empties `$TMPDIR` beside a pipe that it can see. */
const CROWD = `sh -c 'cd "$TMPDIR" && seq 9999 | xargs -n 500 touch' 2>/dev/null; false`;
const volumes = (): Scenario[] =>
  (
    [
      ['room', 'a command fails with room on the disk', 'blocks', 'false'],
      ['full', 'a command fills the disk', 'blocks', FILL],
      ['full-inodes', 'a command uses up the inodes', 'inodes', CROWD],
      ['full-quota', 'a command uses up a btrfs quota', 'quota', FILL],
    ] as const
  ).map(([name, title, kind, command]) => ({
    name,
    title,
    clis: ['claude', 'gemini'],
    commands: [command, 'echo hi'],
    starts: [],
    volume: { kind, isTold: name !== 'room' },
  }));

export const SCENARIOS: readonly Scenario[] = [
  { name: 'plain', title: 'two commands', commands: [MKTEMP, 'echo hi'], starts: [] },
  {
    name: 'sandboxed',
    title: 'two commands, sandboxed',
    clis: ['claude', 'codex'],
    commands: [MKTEMP, 'echo hi'],
    starts: [],
    isSandboxed: true,
  },
  ...isolated(false),
  ...isolated(true),
  { name: 'background', title: 'background commands', commands: [`${all(QUIET)} sleep 1`], starts: LEAVES },
  {
    name: 'holder',
    title: 'a background command writes to TMPDIR, its environment cleared',
    commands: [`env -i setsid sleep 86403 </dev/null >"\${TMPDIR:-/tmp}/log" 2>&1 & sleep 1`],
    starts: ['env -i setsid child'],
    holder: 'env -i setsid child',
  },
  { name: 'output', title: '30 MB of output', commands: ['yes | head -c 30000000'], starts: [] },
  ends('term', 'SIGTERM'),
  ends('int', 'SIGINT'),
  ends('hup', 'SIGHUP'),
  told(ends('term', 'SIGTERM')),
  told(ends('int', 'SIGINT')),
  told(ends('hup', 'SIGHUP')),
  { name: 'kill', title: 'SIGKILL of the agent', ...HANGS, blow: { signal: 'SIGKILL', to: 'agent' } },
  {
    name: 'kill-wrapper',
    title: 'SIGKILL of qw-run, then the command ends',
    commands: [`${all(QUIET)} tail -f /dev/null`],
    starts: [...LEAVES, 'command'],
    blow: { signal: 'SIGKILL', to: 'started' },
    isWrapperKilled: true,
  },
  {
    ...ends('term', 'SIGTERM'),
    name: 'sandboxed-term',
    title: 'SIGTERM, sandboxed',
    clis: ['claude', 'codex'],
    isSandboxed: true,
  },
  {
    ...ends('int', 'SIGINT'),
    name: 'sandboxed-int',
    title: 'SIGINT, sandboxed',
    clis: ['claude', 'codex'],
    isSandboxed: true,
  },
  {
    name: 'sandboxed-kill',
    title: 'SIGKILL of the agent, sandboxed',
    clis: ['claude', 'codex'],
    ...HANGS,
    isSandboxed: true,
    blow: { signal: 'SIGKILL', to: 'agent' },
  },
  {
    name: 'daemon',
    title: '`claude --bg`',
    clis: ['claude'],
    commands: ['tail -f /dev/null'],
    starts: ['command'],
    isInDaemon: true,
    since: '2.1.330', // the session of 2.1.197 asks the stand-in for nothing
  },
  {
    name: 'settings',
    title: "the user's settings set TMPDIR",
    clis: ['claude'],
    commands: [MKTEMP, 'echo hi'],
    starts: [],
    settings: { env: { TMPDIR: '/var/tmp/mine', CLAUDE_CODE_TMPDIR: '/var/tmp/mine' } },
  },
  {
    name: 'ctrl-c',
    title: 'a terminal, Ctrl-C, and it lives on',
    clis: ['claude', 'codex', 'gemini', 'copilot', 'qwen'], // opencode and cline quit, alone too
    commands: Array<string>(9).fill('mktemp >> made; tail -f /dev/null'),
    starts: ['command'],
    isInterrupted: true,
  },
  ...volumes(),
  ...pairs(),
  ...inBackground(),
  ...handedOver(),
  ...relaunches(),
  ...stories(),
];
