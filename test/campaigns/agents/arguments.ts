// The command line of verify:agents, and what holds without one.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AgentCli } from './clis/cli.js';
import { cliNamed } from './clis/clis.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

const AGENTS =
  'claude@latest,claude@2.1.197,claude@2.1.50,claude@2.0.77,codex@latest,gemini@latest,opencode@latest,cline@latest,' +
  'copilot@latest,qwen@latest';

export const USAGE = `npm run verify:agents -- [options]
  --agent LIST      agents with versions or tags (${AGENTS})
  --scenario LIST   ${SCENARIOS.map(({ name }) => name).join(',')}
  --cache DIR       where agents are installed ($QW_AGENTS_CACHE; default $XDG_CACHE_HOME or ~/.cache, qw-run-agents)
  --jobs N          runs at the same time (3)
  --uid N           as root: the unprivileged user of the runs (owner of the checkout, or nobody)
  --docs FILE       writes the table there (docs/evidence/backends.md; by default only when nothing was left out)
  --merge           with --docs: lines there that are not measured now stay
  --results FILE    keeps what was measured there; what it has is not measured again
  --list            shows what would run
  --verbose         shows what agents of unexpected runs said`;

export interface Wanted {
  agents: { cli: AgentCli; version: string }[];
  scenarios: Scenario[];
  cache: string;
  jobs: number;
  uid: number | undefined;
  /** Of the document to be written, or undefined for none. */
  docs: string | undefined;
  /** Lines there that are not measured now stay. */
  isMerged: boolean;
  /** Where results are kept. */
  results: string | undefined;
  isListOnly: boolean;
  isVerbose: boolean;
}

/** @throws Error with what is wrong, and TypeError of parseArgs */
export function wantedOf(args: readonly string[], env: NodeJS.ProcessEnv): Wanted {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const isWhole = values.agent === undefined && values.scenario === undefined;
  return {
    agents: listed(values.agent ?? AGENTS).map(agentOf),
    scenarios: values.scenario === undefined ? [...SCENARIOS] : listed(values.scenario).map(scenarioOf),
    cache: values.cache ?? env['QW_AGENTS_CACHE'] ?? defaultCache(env),
    jobs: whole('jobs', values.jobs),
    uid: values.uid === undefined ? undefined : whole('uid', values.uid),
    docs: values.docs ?? (isWhole ? 'docs/evidence/backends.md' : undefined),
    isMerged: values.merge,
    results: values.results,
    isListOnly: values.list,
    isVerbose: values.verbose,
  };
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`--${name} ${text} is no whole number above 0`);
  return number;
}

const OPTIONS = {
  agent: { type: 'string' },
  scenario: { type: 'string' },
  cache: { type: 'string' },
  jobs: { type: 'string', default: '3' },
  uid: { type: 'string' },
  docs: { type: 'string' },
  merge: { type: 'boolean', default: false },
  results: { type: 'string' },
  list: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const;

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);

function agentOf(word: string): { cli: AgentCli; version: string } {
  const [name = '', version = 'latest'] = word.split('@');
  return { cli: cliNamed(name), version };
}

function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (!found)
    throw new Error(`no scenario ${name}; there are ${SCENARIOS.map((one) => one.name).join(', ')}`);
  return found;
}

const defaultCache = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'qw-run-agents');
