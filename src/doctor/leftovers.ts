// What agents started without us leave in a temp directory: whose it is, by name. Data, measured (see
// docs/evidence/backends.md). Whether the reaper takes it, and what shape it has then, is the profiles'
// `legacy`.

export interface Leftover {
  /** Name in a temp directory, as in patterns.ts. */
  pattern: string;
  maker: string;
  /** Sessions that live may be using it: nobody removes the whole of it. */
  isShared?: true;
}

const GEMINI_DIRECTORIES = [
  ...['edit', 'heap', 'sandbox', 'skill'],
  ...['cli-mask-file', 'cli-sandbox', 'cli-seccomp', 'cli-tool-modify'],
];

export const LEFTOVERS: readonly Leftover[] = [
  { pattern: 'claude-<uid>', maker: 'Claude, all its sessions', isShared: true },
  { pattern: 'claude', maker: 'Claude 2.0.77 to 2.1.20', isShared: true },
  { pattern: 'claude-<hex:4>-cwd', maker: 'Claude up to 2.0, or killed' },
  { pattern: 'claude-settings-<uuid|hex:16>.json', maker: 'Claude 2.0.77 to 2.1.112' },
  { pattern: 'claude-empty-<random:6>', maker: 'Claude with its sandbox' },
  { pattern: 'claude-http-<hex:16>.sock', maker: 'Claude with its sandbox', isShared: true },
  { pattern: 'claude-socks-<hex:16>.sock', maker: 'Claude with its sandbox', isShared: true },
  { pattern: 'srt-mux-<number>-*.sock', maker: 'Claude with its sandbox', isShared: true },
  { pattern: 'cc-socks', maker: 'Claude from 2.1.260', isShared: true },
  { pattern: 'cc-socks-<uid>', maker: 'Claude from 2.1.260', isShared: true },
  { pattern: 'claude-host-<uid>', maker: 'Claude', isShared: true },
  { pattern: 'cc-daemon-<uid>', maker: "Claude's daemon", isShared: true },
  { pattern: 'claude-mcp-browser-bridge-*', maker: 'Claude in a browser', isShared: true },
  { pattern: 'fswatch-probe-<random:6>', maker: 'Claude' },
  { pattern: 'codex-bwrap-synthetic-mount-targets-<uid>', maker: 'Codex with its sandbox', isShared: true },
  { pattern: 'codex-daemon-<uid>', maker: 'Codex', isShared: true },
  { pattern: 'gemini-client-error-*-<time>.json', maker: 'Gemini, one for each API error' },
  { pattern: 'gemini-shell-<random:6>', maker: 'Gemini, stopped by a signal' },
  ...GEMINI_DIRECTORIES.map((name) => ({ pattern: `gemini-${name}-<random:6>`, maker: 'Gemini' })),
  { pattern: 'gemini-cli-bwrap-args-<number>-*.args', maker: 'Gemini' },
  { pattern: '.<hex:16>-<hex:8>.so', maker: 'opencode, one for each start' },
  { pattern: 'opencode', maker: 'opencode', isShared: true },
  { pattern: '.bun-<uid>-*.node', maker: 'amp', isShared: true },
  { pattern: 'node-compile-cache', maker: 'Node: copilot, for one', isShared: true },
  { pattern: 'tmp.*', maker: 'mktemp of any program', isShared: true },
];
