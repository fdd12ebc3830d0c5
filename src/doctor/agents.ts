// Which agents are in PATH, in which version, and what their profiles will do for them here. None is started
// to ask for its version: nobody wanted it to run, and whoever can write to PATH may have put it there.
import { resolve } from 'node:path';
import { parseJson, readSettings, readText, settingsFiles } from '../backends/agent-settings.js';
import { overrides } from '../backends/claude-settings.js';
import { type Place, realPathOf, targetOf } from '../backends/command-target.js';
import type { AgentSettings, BackendName, BackendProfile } from '../backends/profile.js';
import { agentProfiles } from '../backends/profiles.js';
import { versionOf } from '../backends/version-of.js';
import { attempt } from '../fs.js';
import { quote } from '../quote.js';
import { type AgentDaemon, hostsOf, outsideDaemon } from './agent-daemon.js';
import { edit, type Finding, note, warning } from './finding.js';

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
  /** Its daemon, where that runs outside of any session. */
  daemon: AgentDaemon | null;
}

export function examineAgents(env: NodeJS.ProcessEnv): AgentFacts[] {
  const place = { env, cwd: attempt(() => process.cwd()) ?? '/' };
  return agentProfiles().flatMap((profile) => {
    const target = targetOf([profile.name]);
    const path = target && realPathOf(target, place);
    return path ? [examineAgent(profile, path, place)] : [];
  });
}

function examineAgent(profile: BackendProfile, path: string, place: Place): AgentFacts {
  const { name, pack } = profile;
  const version = versionOf(profile, [name], place, false);
  const files = settingsFiles(profile, place);
  const texts: string[] = [];
  const warn = (line: string) => void texts.push(line);
  const found = readSettings(profile, place, warn);
  let isOutweighed = false;
  // As at the start of a session, but nothing is written.
  const settings: AgentSettings = {
    version,
    found,
    read: (file) => parseJson(readText(resolve(place.cwd, file))),
    keep: () => {
      isOutweighed = true;
      return '/settings.json';
    },
    hook: () => undefined,
    strayHook: () => undefined,
    warn,
  };
  texts.push(...profile.warnings(TMPDIR, settings), ...(profile.untold?.(found) ?? []));
  profile.args(TMPDIR, [], settings);
  const culprits = found.filter(({ content }) => overrides(content, { TMPDIR, CLAUDE_CODE_TMPDIR: '' }));
  return {
    name,
    path,
    version: version?.join('.') ?? null,
    pack,
    sets: profile.env(TMPDIR, () => version),
    isOutweighed,
    outweighed: isOutweighed ? culprits.map((one) => one.path) : [],
    warnings: texts.map((text) => ({ text, path: files.find((file) => text.includes(file)) ?? null })),
    daemon: outsideDaemon(hostsOf(profile)),
  };
}

const TMPDIR = '$TMPDIR';

/** What leads past qw-run: in an agent's settings, or its daemon. Pure. */
export function agentFindings({ name, pack, warnings, daemon }: AgentFacts): Finding[] {
  const found = warnings.map(({ text, path }) =>
    warning('agent-setting', name, {
      text,
      command: path === null ? `npm install -g ${pack}` : edit(path),
    }),
  );
  if (daemon)
    found.push(
      note('agent-daemon', name, {
        text:
          `its daemon (pid ${daemon.pid}) was started without a session: unless it starts them by qw-exec ` +
          '(docs/exec.md, "In Claude\'s launcher slot"), sessions in the background have ' +
          `${daemon.tmpdir === null ? 'no TMPDIR' : `TMPDIR ${quote(daemon.tmpdir)}`}, and are not ` +
          'cleaned up',
        command: `${name} agents`,
      }),
    );
  return found;
}
