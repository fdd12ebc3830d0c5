// What agents started without us leave in a temp directory: whose it is, by name. Data, measured (see
// docs/evidence/backends.md). Whether the reaper takes it, and its shape then, is the profiles' `legacy`.

const BY_MAKER: readonly (readonly [maker: string, ...patterns: string[]])[] = [
  ['Claude, all its sessions', 'claude-<uid>'],
  ['Claude 2.0.77 to 2.1.20', 'claude'],
  ['Claude up to 2.0, or killed', 'claude-<hex:4>-cwd'],
  ['Claude 2.0.77 to 2.1.112', 'claude-settings-<uuid|hex:16>.json'],
  ['Claude with its sandbox', 'claude-empty-<random:6>', 'claude-http-<hex:16>.sock'],
  ['Claude with its sandbox', 'claude-socks-<hex:16>.sock', 'srt-mux-<number>-*.sock'],
  ['Claude from 2.1.260', 'cc-socks', 'cc-socks-<uid>'],
  ['Claude', 'claude-host-<uid>', 'fswatch-probe-<random:6>'],
  ["Claude's daemon", 'cc-daemon-<uid>'],
  ['Claude in a browser', 'claude-mcp-browser-bridge-*'],
  ['Codex with its sandbox', 'codex-bwrap-synthetic-mount-targets-<uid>'],
  ['Codex', 'codex-daemon-<uid>'],
  ['Gemini, one for each API error', 'gemini-client-error-*-<time>.json'],
  ['Gemini, stopped by a signal', 'gemini-shell-<random:6>'],
  ['Gemini', 'gemini-edit-<random:6>', 'gemini-heap-<random:6>', 'gemini-sandbox-<random:6>'],
  ['Gemini', 'gemini-skill-<random:6>', 'gemini-cli-mask-file-<random:6>', 'gemini-cli-sandbox-<random:6>'],
  ['Gemini', 'gemini-cli-seccomp-<random:6>', 'gemini-cli-tool-modify-<random:6>'],
  ['Gemini', 'gemini-cli-bwrap-args-<number>-*.args'],
  ['opencode, one for each start', '.<hex:16>-<hex:8>.so'],
  ['opencode', 'opencode'],
  ['amp', '.bun-<uid>-*.node'],
  ['Node: copilot, for one', 'node-compile-cache'],
  ['mktemp of any program', 'tmp.*'],
];

export const LEFTOVERS = BY_MAKER.flatMap(([maker, ...patterns]) =>
  patterns.map((pattern) => ({ pattern, maker })),
);
