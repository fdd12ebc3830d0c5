// The decision table of docs/processes.md, row by row: what each row makes of a process, by forged ones. A row of the
// document without a case, or a case that the document does not have, fails.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NOTHING_REMEMBERED, type Question } from '#src/belong/question.js';
import type { ProcessFacts } from '#src/process/inspect.js';
import type { Hold } from '#src/process/watch.js';
import { AGENT, agent, DIR, hold, ID, OWNER, proc, ROOT, T, verdictOn } from '../helpers/forged.js';
import { repoRoot } from '../helpers/paths.js';

const ME = 300;
const me = (facts: Parameters<typeof proc>[1] = {}) => proc(ME, facts);
const OTHER = { sessionId: 'bbbbbbbb', tmpdir: `${ROOT}/bbbbbbbb/tmp` };
const ours = { tmpdir: T, sessionId: ID };
const whole = { isWhole: true };
const named = (comm: string, pid: number, facts = {}) => proc(pid, { comm, ...facts });
const door = (path: string, peers = 0) => ({ doors: [{ path, peers }] });
const KINDS: Record<string, ReturnType<Question['kindOf']>> = {
  pm2: 'multiplexer',
  tmux: 'multiplexer',
  code: 'manager',
  watchman: 'helper',
  claude: 'host',
  'gpg-agent': 'keys',
  'ssh-agent': 'ssh-agent',
  Xvfb: 'display',
  systemd: 'service',
};
const socket: Hold = { dir: DIR, what: 'socket', path: `${T}/s` };

/** Of the document, for the roles of the code. */
const WORDS: Record<string, string> = {
  member: 'members',
  'left alone': 'aside',
  spared: 'spared',
  user: 'users',
  unreadable: 'unreadable',
};

interface Case {
  what: string;
  /** `-` for nothing at all. */
  row: string;
  role?: string;
  processes: ProcessFacts[];
  question?: Partial<Question>;
  strays?: Hold[];
}

const CASES: Case[] = [
  { what: 'the owner itself', row: '-', processes: [me(ours)], question: { owner: ME } },
  {
    what: 'what the owner descends from (sshd, a terminal) though it has something open',
    row: '-',
    processes: [proc(OWNER, { ppid: ME }), me({ holds: [hold()] })],
  },
  { what: 'what keeps the namespace', row: '-', processes: [me(ours)], question: { exempt: [ME] } },
  { what: 'the agent', row: 'agent', processes: [me()], question: { agent: { pid: ME, startTime: 3_000 } } },
  {
    what: 'the agent, though it is called like a manager',
    row: 'agent',
    processes: [named('tmux', ME)],
    question: { agent: { pid: ME, startTime: 3_000 } },
  },
  // managers
  {
    what: 'a pane of a tmux born in the session, with its variables',
    row: 'below-manager',
    processes: [named('tmux', 200, ours), me({ ppid: 200, ...ours })],
  },
  {
    what: 'the same without them',
    row: 'below-manager',
    processes: [named('tmux', 200, ours), me({ ppid: 200, ...whole })],
  },
  {
    what: "a pane of a stranger's tmux in which somebody has our TMPDIR",
    row: 'below-manager',
    processes: [named('tmux', 200), me({ ppid: 200, ...ours })],
  },
  {
    what: 'a pane below the agent: the manager comes first',
    row: 'below-manager',
    processes: [agent(), named('tmux', 200, { ppid: 100 }), me({ ppid: 200 })],
  },
  { what: 'a process manager that the session started', row: 'manager', processes: [named('pm2', ME, ours)] },
  { what: 'one below the agent', row: 'manager', processes: [agent(), named('pm2', ME, { ppid: 100 })] },
  {
    what: 'a multiplexer whose door lies elsewhere',
    row: 'manager',
    processes: [named('tmux', ME, { ...ours, ...door('/tmp/tmux-1000/default') })],
  },
  {
    what: 'one of whose doors lies elsewhere',
    row: 'manager',
    processes: [named('tmux', ME, { ...ours, doors: [...door(`${T}/s`).doors, ...door('/x/s').doors] })],
  },
  {
    what: 'one with somebody at its door in TMPDIR',
    row: 'manager',
    processes: [named('tmux', ME, { ...ours, ...door(`${T}/s`, 1) })],
  },
  {
    what: 'a multiplexer whose only door lies in TMPDIR: it is private',
    row: 'tmpdir',
    processes: [named('tmux', ME, { ...ours, ...door(`${T}/s`) })],
  },
  {
    what: 'a pane of a private one',
    row: 'tmpdir',
    processes: [named('tmux', 200, { ...ours, ...door(`${T}/s`) }), me({ ppid: 200, ...ours })],
  },
  {
    what: 'an editor is never private',
    row: 'manager',
    processes: [named('code', ME, { ...ours, ...door(`${T}/s`) })],
  },
  {
    what: 'below a manager that the owner descends from: it does not count',
    row: 'tmpdir',
    processes: [named('tmux', 80), proc(OWNER, { ppid: 80 }), me({ ppid: OWNER, ...ours })],
  },
  {
    what: 'variables alone, while a manager of the session hands them out',
    row: 'left-manager',
    processes: [named('pm2', 200, ours), me(ours)],
  },
  {
    what: "the same below a stranger's manager's neighbour: that one hands out nothing",
    row: 'tmpdir',
    processes: [named('pm2', 200), me(ours)],
  },
  {
    what: 'below the agent, while a manager of the session lives',
    row: 'below-agent',
    processes: [agent(), named('pm2', 200, ours), me({ ppid: 100, ...ours })],
  },
  {
    what: 'seen before, while a manager of the session lives',
    row: 'seen',
    processes: [named('pm2', 200, ours), me(ours)],
    question: {
      remembered: { ...NOTHING_REMEMBERED, members: [{ pid: ME, startTime: 3_000, isLasting: true }] },
    },
  },
  {
    what: 'an orphan of a service manager, its owner dead',
    row: 'tmpdir',
    processes: [named('systemd', 70), me({ ppid: 70, ...ours })],
    question: { owner: undefined, agent: undefined },
  },
  {
    what: 'an orphan of pid 1, whatever that is called',
    row: 'tmpdir',
    processes: [named('code', 1), me({ ppid: 1, ...ours })],
    question: { owner: undefined, agent: undefined },
  },
  {
    what: 'a client of a multiplexer is no manager',
    row: 'tmpdir',
    processes: [named('tmux', ME, { ...ours, doors: [] })],
  },
  {
    what: 'what was below a manager that is private now, its client gone',
    row: 'tmpdir',
    processes: [named('tmux', 200, { ...ours, ...door(`${T}/s`) }), me({ ppid: 200, ...ours })],
    question: {
      remembered: {
        ...NOTHING_REMEMBERED,
        spared: [
          {
            identity: { pid: ME, startTime: 3_000 },
            evidence: { reason: 'below-manager', of: named('tmux', 200, ours) },
          },
        ],
      },
    },
  },
  {
    what: 'a program of the list that somebody started in a pane, and that left it',
    row: 'left-manager',
    processes: [named('pm2', 200, ours), named('Xvfb', ME, { ...ours, args: ['Xvfb', ':97'] })],
  },
  // guests
  {
    what: 'with a whole environment of its own, below a daemon of the session',
    row: 'guest',
    processes: [proc(200, ours), me({ ppid: 200, ...whole })],
  },
  {
    what: 'with the variables of another session, below a daemon of this one',
    row: 'guest',
    processes: [proc(200, ours), me({ ppid: 200, ...OTHER })],
  },
  {
    what: 'below a guest',
    row: 'guest',
    processes: [proc(200, ours), proc(250, { ppid: 200, ...whole }), me({ ppid: 250 })],
  },
  {
    what: 'in the session (setsid) of that daemon',
    row: 'guest',
    processes: [proc(200, { ...ours, session: 200 }), me({ ppid: 200, session: 200, ...whole })],
  },
  {
    what: 'a guest that has something open in TMPDIR',
    row: 'guest',
    role: 'spared',
    processes: [proc(200, ours), me({ ppid: 200, ...whole, holds: [hold()] })],
  },
  {
    what: 'what a guest started, in the session (setsid) of the daemon',
    row: 'guest',
    processes: [
      proc(200, { ...ours, session: 200 }),
      proc(250, { ppid: 200, session: 200, ...whole }),
      me({ ppid: 250, session: 200, ...whole }),
    ],
  },
  {
    what: 'what left a guest, in that session',
    row: '-',
    processes: [proc(200, { ...ours, session: 200 }), me({ session: 200, ...whole })],
  },
  {
    what: 'noted between fork and exec, with the environment of its parent',
    row: 'guest',
    processes: [proc(200, ours), me({ ppid: 200, ...whole })],
    question: {
      remembered: { ...NOTHING_REMEMBERED, members: [{ pid: ME, startTime: 3_000, isLasting: false }] },
    },
  },
  {
    what: 'seen below the agent, and opted out',
    row: '-',
    processes: [me({ tmpdir: '/tmp' })],
    question: {
      remembered: { ...NOTHING_REMEMBERED, members: [{ pid: ME, startTime: 3_000, isLasting: true }] },
    },
  },
  {
    what: 'a child with an emptied environment is like its parent',
    row: 'below-member',
    processes: [proc(200, ours), me({ ppid: 200 })],
  },
  {
    what: 'a child that cannot be read is like its parent',
    row: 'below-member',
    processes: [proc(200, ours), me({ ppid: 200, readable: false, variables: undefined })],
  },
  {
    what: 'no guest below the agent, whatever its environment',
    row: 'below-agent',
    processes: [agent(), proc(200, { ppid: 100, ...ours }), me({ ppid: 200, ...whole })],
  },
  {
    what: "who was one when its daemon lived, in that one's session (setsid)",
    row: 'guest',
    processes: [me({ session: 200, ...whole })],
    question: {
      remembered: {
        members: [],
        sids: new Map([[200, 3_000]]),
        spared: [{ identity: { pid: ME, startTime: 3_000 }, evidence: { reason: 'guest' } }],
      },
    },
  },
  // helpers
  { what: 'a helper that was born in the session', row: 'helper', processes: [named('watchman', ME, ours)] },
  {
    what: 'one that others reach elsewhere',
    row: 'helper',
    processes: [named('watchman', ME, { ...ours, ...door('/run/user/1000/watchman') })],
  },
  {
    what: 'one that has something open in TMPDIR',
    row: 'helper',
    role: 'spared',
    processes: [named('watchman', ME, { ...ours, holds: [hold()] })],
  },
  {
    what: 'one whose only door lies in TMPDIR: nobody else reaches it',
    row: 'tmpdir',
    processes: [named('watchman', ME, { ...ours, ...door(`${T}/s`) })],
  },
  {
    what: 'what a helper started',
    row: 'below-helper',
    processes: [named('watchman', 200, ours), me({ ppid: 200 })],
  },
  {
    what: 'what it started with the variables of the session',
    row: 'below-helper',
    processes: [named('watchman', 200, ours), me({ ppid: 200, ...ours })],
  },
  {
    what: "Claude's daemon, which gives the TMPDIR to all whose sessions it starts",
    row: 'helper',
    role: 'spared',
    processes: [named('claude', ME, ours)],
  },
  {
    what: 'the same that was started without it',
    row: 'helper',
    processes: [agent(), named('claude', ME, { ppid: 100, tmpdir: '/tmp' })],
  },
  { what: 'gpg-agent', row: 'keys', processes: [named('gpg-agent', ME, ours)] },
  {
    what: 'gpg-agent whose home is in TMPDIR',
    row: 'keys',
    processes: [named('gpg-agent', ME, { ...ours, holds: [{ ...socket, path: `${T}/S.gpg-agent` }] })],
  },
  {
    what: 'gpg-agent with a file open there',
    row: 'keys',
    role: 'spared',
    processes: [named('gpg-agent', ME, { ...ours, holds: [hold()] })],
  },
  { what: 'ssh-agent of the session', row: 'tmpdir', processes: [named('ssh-agent', ME, ours)] },
  {
    what: 'ssh-agent that does not name it',
    row: 'keys',
    processes: [proc(200, ours), named('ssh-agent', ME, { ppid: 200 })],
  },
  {
    what: 'an X server on whose display is somebody else',
    row: 'display',
    processes: [named('Xvfb', ME, { ...ours, args: ['Xvfb', ':97'] }), proc(400, { display: '97' })],
  },
  {
    what: 'the same where it chose the number itself',
    row: 'display',
    processes: [named('Xvfb', ME, { ...ours, ...door('/tmp/.X11-unix/X97') }), proc(400, { display: '97' })],
  },
  {
    what: 'an X server on which is nobody, or members only',
    row: 'tmpdir',
    processes: [
      named('Xvfb', ME, { ...ours, args: ['Xvfb', ':97'] }),
      proc(400, { ...ours, display: '97' }),
      proc(401, { display: '0' }),
    ],
  },
  {
    what: "a command of another session of Claude's daemon",
    row: 'claude',
    processes: [named('watchman', 200, ours), me({ ...ours, claudePid: 200 })],
  },
  {
    what: 'a command of this very Claude',
    row: 'tmpdir',
    processes: [agent(), me({ ...ours, claudePid: AGENT.pid })],
  },
  {
    what: 'a command of a Claude that is gone',
    row: 'tmpdir',
    processes: [me({ ...ours, claudePid: 4_000 })],
  },
  // members
  { what: 'a child of the agent', row: 'below-agent', processes: [agent(), me({ ppid: 100, ...whole })] },
  {
    what: 'found earlier; its environment says nothing any more',
    row: 'seen',
    processes: [me()],
    question: {
      remembered: { ...NOTHING_REMEMBERED, members: [{ pid: ME, startTime: 3_000, isLasting: true }] },
    },
  },
  {
    what: 'not one who has its pid now',
    row: '-',
    processes: [me()],
    question: {
      remembered: { ...NOTHING_REMEMBERED, members: [{ pid: ME, startTime: 2_999, isLasting: true }] },
    },
  },
  {
    what: 'in the mount namespace of the session',
    row: 'namespace',
    processes: [me({ holds: [{ dir: DIR, what: 'namespace', path: DIR }] })],
  },
  { what: 'TMPDIR in it', row: 'tmpdir', processes: [me({ tmpdir: `${T}/below` })] },
  {
    what: 'another TMPDIR, and QW_SESSION',
    row: 'session-id',
    processes: [me({ tmpdir: '/tmp', sessionId: ID })],
  },
  { what: 'no TMPDIR, and QW_SESSION', row: 'session-id', processes: [me({ sessionId: ID })] },
  { what: 'the same of another user', row: 'other-user', processes: [me({ ...ours, isOthers: true })] },
  {
    what: 'in the session (setsid) of a member',
    row: 'sid',
    processes: [proc(200, { ...ours, session: 200 }), me({ session: 200 })],
  },
  {
    what: 'not with another TMPDIR: that is the way to opt out',
    row: '-',
    processes: [proc(200, { ...ours, session: 200 }), me({ session: 200, tmpdir: '/tmp' })],
  },
  { what: 'a child of a member', row: 'below-member', processes: [proc(200, ours), me({ ppid: 200 })] },
  // the rest
  { what: 'an editor with a file of it', row: 'open', processes: [me({ holds: [hold()] })] },
  {
    what: 'who lies in another session and has something open in this one',
    row: 'open',
    processes: [me({ ...OTHER, holds: [hold()] })],
  },
  {
    what: 'unreadable, and somebody unseen has a socket there',
    row: 'unreadable',
    processes: [me({ readable: false })],
    strays: [socket],
  },
  { what: 'unreadable, and nothing there speaks for it', row: '-', processes: [me({ readable: false })] },
  {
    what: 'unreadable, and begun before or after the session',
    row: '-',
    processes: [me({ readable: false })],
    strays: [socket],
    question: { beganInside: () => false },
  },
  {
    what: 'an ssh-agent that cannot be read, and its socket',
    row: 'keys',
    processes: [named('ssh-agent', ME, { readable: false })],
    strays: [socket],
  },
  {
    what: 'an ssh-agent of another terminal',
    row: '-',
    processes: [named('ssh-agent', ME, { readable: false })],
  },
  {
    what: 'sudo that has lost its parents',
    row: 'may-be',
    processes: [named('sudo', ME, { isOthers: true, isRealOwn: true })],
  },
  {
    what: 'sudo in a terminal',
    row: '-',
    processes: [proc(200), named('sudo', ME, { isOthers: true, isRealOwn: true, ppid: 200 })],
  },
  {
    what: "somebody else's sudo",
    row: '-',
    processes: [named('sudo', ME, { isOthers: true, isRealOwn: false })],
  },
  {
    what: 'sudo below the agent',
    row: 'below-agent',
    processes: [agent(), named('sudo', ME, { isOthers: true, isRealOwn: true, ppid: 100 })],
  },
  { what: 'a stranger', row: '-', processes: [me(whole)] },
];

describe('each row', () => {
  for (const { what, row, role, processes, question, strays } of CASES)
    test(`${row}: ${what}`, () => {
      const kindOf = ({ comm }: { comm: string }) => KINDS[comm];
      const [is, why] = verdictOn(ME, processes, { kindOf, ...question }, strays) ?? [];
      assert.deepEqual([why ?? '-', is], [row, row === '-' ? undefined : (role ?? ROLES.get(row)?.[0])]);
    });
});

/** What the document says of each row: its role first, then the one where it has something open there. */
const ROLES = new Map(
  readFileSync(join(repoRoot, 'docs/processes.md'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, row = '', , is = ''] = line.split('|').map((cell) => cell.trim());
      const roles = [...is.matchAll(/member|left alone|spared|user|unreadable/g)].map(
        ([word]) => WORDS[word],
      );
      return /^`[a-z-]+`$/.test(row) ? [[row.slice(1, -1), roles] as const] : [];
    }),
);

test('the document has the rows that have cases, and no other', () => {
  assert.deepEqual([...ROLES.keys(), '-'].sort(), [...new Set(CASES.map(({ row }) => row))].sort());
  for (const { row, role } of CASES)
    if (role !== undefined) assert.ok(ROLES.get(row)?.includes(role), `${row}: ${role}`);
});
