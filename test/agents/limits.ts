// Known limits, measured: what qw-run cannot or must not clean up.
import type { Limit } from './expected.js';

const SANDBOXED = ['sandboxed', 'sandboxed-term', 'sandboxed-kill'];
const SIGNALLED = ['term', 'int', 'hup', 'kill', 'sandboxed-term', 'sandboxed-kill'];

export const LIMITS: readonly Limit[] = [
  {
    scenarios: ['background', 'kill-wrapper'],
    processes: ['env -i setsid child'],
    because: 'left the tree, environment cleared, nothing open under TMPDIR: not to be found',
  },
  {
    cli: 'claude',
    scenarios: ['sandboxed-kill'],
    elsewhere: ['./**'],
    because: 'mount points of its sandbox, left in the project when it is killed',
  },
  {
    cli: 'claude',
    scenarios: SANDBOXED,
    tmp: ['cc-daemon-<uid>/**'],
    elsewhere: ['./.claude/**'],
    because: 'hard-coded, shared by all its sessions; and its own folder in the project',
  },
  {
    cli: 'codex',
    scenarios: SANDBOXED,
    tmp: ['codex-daemon-<uid>/**'],
    because: 'hard-coded, shared by all its sessions',
  },
  {
    cli: 'codex',
    elsewhere: ['~/.codex/.tmp/plugins-clone-*/**'],
    because: 'left in its own home when it finds no network',
  },
  {
    cli: 'codex',
    scenarios: SIGNALLED,
    elsewhere: ['~/.codex/tmp/*/codex-arg0*/**'],
    because: 'left in its own home when it is killed; its next start removes it',
  },
  {
    cli: 'gemini',
    scenarios: ['term', 'int', 'hup'],
    exit: [0],
    because: 'its launcher alone swallows the signal',
  },
];
