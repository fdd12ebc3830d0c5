// What in an agent's settings leads past qw-run. Pure: facts in, findings out.
import { shellQuote } from '../options.js';
import type { AgentFacts } from './agents.js';
import type { Finding } from './finding.js';

export const agentFindings = (agents: readonly AgentFacts[]): Finding[] =>
  agents.flatMap(({ name, pack, warnings }) =>
    warnings.map(({ text, path }) => ({
      weight: 'warning' as const,
      code: 'agent-setting' as const,
      about: name,
      text,
      command: path === null ? `npm install -g ${pack}` : `"\${EDITOR:-vi}" ${shellQuote(path)}`,
    })),
  );
