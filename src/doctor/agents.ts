// Which agents are in PATH, in which version, and what their profiles will do for them here. None is started
// to ask for its version: nobody wanted it to run, and whoever can write to PATH may have put it there.

import { resolve } from 'node:path';
import { parseJson, readSettings, readText } from '../backends/agent-settings.js';
import { overrides } from '../backends/claude-settings.js';
import { targetOf } from '../backends/command-target.js';
import { type Place, realPathOf } from '../backends/find-program.js';
import type {
  AgentSettings,
  BackendName,
  BackendProfile,
  FoundSettings,
  VersionSource,
} from '../backends/profile.js';
import { agentProfiles } from '../backends/profiles.js';
import { versionOf } from '../backends/version-of.js';
import { attempt } from '../fs.js';
import { shellQuote } from '../options.js';
import type { Finding } from './finding.js';

export interface AgentFacts {
  name: BackendName;
  /** The program that PATH leads to, links followed. */
  path: string;
  /** `2.1.330`; null where it is unknown. */
  version: string | null;
  /** Its package on npm. */
  pack: string;
  /** Variables it gets on top of TMPDIR, TMP and TEMP; `$TMPDIR` stands for the session's. */
  sets: Record<string, string>;
  /** It is given a settings file, since one of its user's sets another TMPDIR. */
  isOutweighed: boolean;
  /** The files of its user's that set it. */
  outweighed: string[];
  /** What its user should know. `path`: the settings file it is about. */
  warnings: { text: string; path: string | null }[];
}

export const examineAgents = (env: NodeJS.ProcessEnv): AgentFacts[] => {
  const place = { env, cwd: attempt(() => process.cwd()) ?? '/' };
  return agentProfiles().flatMap((profile) => examineAgent(profile, place));
};

function examineAgent(profile: BackendProfile, place: Place): AgentFacts[] {
  const { name } = profile;
  const target = targetOf([name]);
  const path = target && realPathOf(target, place);
  if (!path) return [];
  const source = profile.version ?? SOURCES[name];
  const version = source && versionOf(source, [name], place, false);
  const files: string[] = [];
  const texts: string[] = [];
  const found = readSettings(profile.settings, {
    ...place,
    onBroken: (file, why) => {
      files.push(file);
      texts.push(`cannot read ${file} (${why}): qw-run does not see what it sets for ${name}`);
    },
  });
  const { settings, kept } = pretend({ version, found, place, warn: (line) => texts.push(line) });
  texts.push(...profile.warnings(TMPDIR, settings), ...(profile.untold?.(found) ?? []));
  profile.args(TMPDIR, [], settings);
  files.push(...found.map((one) => one.path));
  return [
    {
      name,
      path,
      version: version?.join('.') ?? null,
      pack: source?.pack ?? name,
      sets: profile.env(TMPDIR, () => version),
      isOutweighed: kept(),
      outweighed: kept() ? found.filter(setsTmpdir).map((one) => one.path) : [],
      warnings: texts.map((text) => ({ text, path: files.find((file) => text.includes(file)) ?? null })),
    },
  ];
}

const setsTmpdir = ({ content }: FoundSettings): boolean =>
  overrides(content, { TMPDIR, CLAUDE_CODE_TMPDIR: '' });

interface Pretence {
  version: AgentSettings['version'];
  found: readonly FoundSettings[];
  place: Place;
  warn(line: string): void;
}

/** As at the start of a session, but nothing is written. */
function pretend({ version, found, place, warn }: Pretence): {
  settings: AgentSettings;
  kept(): boolean;
} {
  let isKept = false;
  return {
    kept: () => isKept,
    settings: {
      version,
      found,
      read: (path) => parseJson(readText(resolve(place.cwd, path))),
      keep: () => {
        isKept = true;
        return '/settings.json';
      },
      hook: () => undefined,
      warn,
    },
  };
}

const TMPDIR = '$TMPDIR';
/** Where no version makes a difference to the profile, and people want to see it all the same. */
const SOURCES: Partial<Record<BackendName, VersionSource>> = {
  gemini: { pack: '@google/gemini-cli', path: /$^/, output: /(\d+\.\d+\.\d+)/ },
  opencode: { pack: 'opencode-ai', path: /$^/, output: /(\d+\.\d+\.\d+)/ },
  copilot: { pack: '@github/copilot', path: /$^/, output: /(\d+\.\d+\.\d+)/ },
  qwen: { pack: '@qwen-code/qwen-code', path: /$^/, output: /(\d+\.\d+\.\d+)/ },
  amp: { pack: '@sourcegraph/amp', path: /$^/, output: /(\d+\.\d+\.\d+)/ },
  cline: { pack: 'cline', path: /$^/, output: /(\d+\.\d+\.\d+)/ },
};

/** What in an agent's settings leads past qw-run. Pure. */
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
