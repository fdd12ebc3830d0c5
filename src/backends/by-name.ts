// Agents that need next to nothing but TMPDIR, TMP and TEMP: recognised, so that lists, receipts and doctor
// name them, and what they leave without us is known to be theirs.
import { agent } from './agent.js';
import type { UnitPattern } from './patterns.js';

/**
 * The library of its runtime, a new one with each start, as Bun names it: open as long as that runs. Its
 * `opencode/` is shared by all its sessions.
 */
const LIBRARY: UnitPattern = { path: '.<hex:16>-<hex:8>.so', shape: { kind: 'file' } };

export const opencode = agent({
  name: 'opencode',
  pack: 'opencode-ai',
  entry: /\/node_modules\/opencode-(ai|[a-z0-9-]+)\/bin\/(opencode|\.opencode|opencode\.exe)$/,
  units: [LIBRARY],
  legacy: [LIBRARY],
});

export const copilot = agent({
  name: 'copilot',
  pack: '@github/copilot',
  entry: /\/@github\/copilot\/(index|npm-loader)\.js$/,
  args: (_tmpdir, args, { warn }) => {
    const isPrompt = args.some((arg) => /^(-p|--prompt)(=|$)/.test(arg));
    const mayWrite = args.some((arg) => /^--(add-dir|allow-all-paths|allow-all|yolo)(=|$)/.test(arg));
    if (isPrompt && !mayWrite)
      warn('copilot -p lets its commands write to TMPDIR, not to /tmp: --add-dir /tmp allows that');
    return [...args];
  },
});

export const qwen = agent({
  name: 'qwen',
  pack: '@qwen-code/qwen-code',
  entry: /\/@qwen-code\/qwen-code\/(cli|dist\/(index|cli))\.js$/,
});

export const amp = agent({
  name: 'amp',
  pack: '@sourcegraph/amp',
  entry: /\/@sourcegraph\/amp\/(dist\/main|bin\/amp)\.js$/,
});
