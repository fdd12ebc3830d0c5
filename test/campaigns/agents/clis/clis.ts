// All agents that can be measured.
import { claude } from './claude.js';
import type { AgentCli } from './cli.js';
import { cline } from './cline.js';
import { codex } from './codex.js';
import { copilot } from './copilot.js';
import { gemini } from './gemini.js';
import { opencode } from './opencode.js';
import { qwen } from './qwen.js';

const CLIS: readonly AgentCli[] = [claude, codex, gemini, opencode, cline, copilot, qwen];

/** @throws Error naming those that there are */
export function cliNamed(name: string): AgentCli {
  const found = CLIS.find((cli) => cli.name === name);
  if (!found) throw new Error(`no agent ${name}; there are ${CLIS.map((cli) => cli.name).join(', ')}`);
  return found;
}
