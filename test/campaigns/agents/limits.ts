// Known limits, measured: what qw-run cannot or must not clean up, and where agents behave by chance.
import type { Limit } from './expected.js';

const SANDBOXED = ['sandboxed', 'sandboxed-term', 'sandboxed-int', 'sandboxed-kill', 'sandboxed-tmpfs'];
const PRIVATE_TMP = ['sandboxed-tmp', 'sandboxed-tmp-size'];
const ORDERS = ['wu', 'uw', 'ww'];
const IN_BACKGROUND = ORDERS.flatMap((order) => [`bg-${order}-first`, `bg-${order}-second`]);

const HANDED_OVER = ['', 'slot-'].flatMap((slot) =>
  ORDERS.flatMap((order) => [
    ...['first', 'second'].map((quits) => `${slot}fork-${order}-${quits}`),
    `${slot}leave-${order}`,
  ]),
);

export const LIMITS: readonly Limit[] = [
  {
    scenarios: ['background', 'kill-wrapper'],
    processes: ['env -i setsid child'],
    because:
      'a process that left the tree, without environment or anything open in TMPDIR, is not to be found',
  },
  {
    cli: 'claude',
    scenarios: [
      ...SANDBOXED,
      'daemon',
      'slot-stop',
      'slot-respawn',
      'slot-crash',
      'slot-agents',
      'slot-update',
      ...IN_BACKGROUND,
      ...HANDED_OVER,
    ],
    tmp: ['cc-daemon-<uid>/**'],
    because: 'hard-coded, and its sessions share it',
  },
  {
    cli: 'claude',
    scenarios: [...SANDBOXED, ...PRIVATE_TMP],
    elsewhere: ['./.claude/**'],
    because: "its own folder in the user's project",
  },
  {
    cli: 'claude',
    scenarios: ['sandboxed-kill'],
    elsewhere: ['./**'],
    because: "mount points of its sandbox in the user's project",
  },
  {
    cli: 'claude',
    before: '2.1.5',
    scenarios: ['plain', 'tmpfs', 'sandboxed-tmpfs'],
    tmp: ['claude/**'],
    makes: ['/tmp/claude/tmp.*'],
    because: 'hard-coded before 2.1.5: a private /tmp catches it',
  },
  {
    cli: 'claude',
    after: '2.1.19',
    before: '2.1.98',
    scenarios: ['sandboxed', 'sandboxed-tmpfs', ...PRIVATE_TMP],
    failsToMake: true,
    because: 'its sandbox forbids mktemp whatever one sets (2.1.20 to 2.1.97)',
  },
  {
    cli: 'claude',
    before: '2.1.198',
    scenarios: ['int', 'sandboxed-int'],
    exit: [0, 1],
    because: 'exits 0 or 1 by chance, alone too',
  },
  {
    cli: 'claude',
    scenarios: ['slot-agents'],
    tmp: ['claude-<uid>/**', 'cc-socks/**'],
    because: 'the view itself is started without us',
  },
  {
    cli: 'claude',
    scenarios: ['daemon'],
    tmp: ['cc-socks/**', 'claude-<uid>/**'],
    processes: ['bash', 'claude', 'claude bg-pty-host', 'claude bg-spare', 'claude.exe', 'command'],
    because: "its daemon and the session in it are its person's: they live on, in their own TMPDIR",
  },
  {
    cli: 'claude',
    scenarios: [...IN_BACKGROUND, ...HANDED_OVER],
    tmp: ['cc-socks/**', 'claude-<uid>/**', 'tmp.*'],
    because: "their person's, as without us",
  },
  {
    cli: 'claude',
    scenarios: ['slot-relaunch'],
    tmp: ['cc-socks/**', 'claude-<uid>/**', 'tmp.*'],
    because: 'without us before it was started anew',
  },
  {
    cli: 'codex',
    scenarios: SANDBOXED,
    tmp: ['codex-daemon-<uid>/**'],
    because: 'hard-coded, and its sessions share it',
  },
  {
    cli: 'codex',
    scenarios: ['sandboxed-int'],
    tmp: ['.agents/', '.aws/', '.codex/', '.git/'],
    elsewhere: ['./.agents/', './.aws/', './.codex/', './.git/'],
    because: 'mount points of its sandbox, and its sessions share them',
  },
  {
    cli: 'codex',
    scenarios: ['term', 'int', 'hup'],
    mode: 'qw-exec',
    processes: ['env -i setsid child'],
    because:
      'the tree is gone before anybody of ours could look: what cleared its environment is not to be found',
  },
  {
    cli: 'codex',
    elsewhere: ['~/.codex/.tmp/plugins-clone-*/**'],
    because: 'in its own home, where it finds no network',
  },
  {
    cli: 'codex',
    elsewhere: ['~/.codex/tmp/*/codex-arg0*/**'],
    because: 'in its own home, when it was stopped',
  },
  {
    cli: 'gemini',
    scenarios: ['term', 'int', 'hup', 'told-term', 'told-int', 'told-hup'],
    exit: [0],
    because: 'its launcher would swallow the signal',
  },
];
