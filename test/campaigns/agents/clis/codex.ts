// Codex in exec mode, with a provider of its configuration's own making.
import type { AgentCli } from './cli.js';

export const codex: AgentCli = {
  name: 'codex',
  pack: '@openai/codex',
  env: () => ({ MOCK_KEY: 'x' }),
  files: ({ port, isSandboxed, terminals = [] }) => ({
    '.codex/config.toml': `model = "gpt-5"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "${isSandboxed ? 'workspace-write' : 'danger-full-access'}"
[model_providers.mock]
name = "mock"
base_url = "http://127.0.0.1:${port}/v1"
wire_api = "responses"
env_key = "MOCK_KEY"
${terminals.map((dir) => `[projects."${dir}"]\ntrust_level = "trusted"\n`).join('')}`,
  }),
  args: () => ['exec', '--skip-git-repo-check', '--json', 'hi'],
  terminal: () => ['hi'],
  keeps: ['~/.codex/**'],
  drops: ['~/.codex/tmp/*/codex-arg0*/**', '~/.codex/.tmp/plugins-clone-*/**'],
};
