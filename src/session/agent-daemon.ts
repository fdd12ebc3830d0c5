// Where the commands of one start run: the profile decides, by what of the agent's own words can be seen.
import type { DaemonUse } from '../backends/daemon.js';
import type { AgentSettings, BackendProfile } from '../backends/profile.js';
import type { Settings } from './settings.js';

interface Parts {
  profile: BackendProfile;
  command: readonly string[];
  /** Where its own arguments begin; undefined where none can be added. */
  argsAt: number | undefined;
  settings: Pick<AgentSettings, 'version' | 'found'>;
  asked: Pick<Settings, 'daemon' | 'env'>;
  session: { id: string; tmpdir: string };
}

export function daemonUse({ profile, command, argsAt, settings, asked, session }: Parts): DaemonUse {
  return (
    profile.daemon?.({
      wanted: asked.daemon,
      args: argsAt === undefined ? wordsAfter(profile, command) : command.slice(argsAt),
      canAdd: argsAt !== undefined,
      env: asked.env,
      settings,
      session,
    }) ?? {}
  );
}

/** To be read only: what comes after the agent's name in a shell's script, or behind a runner's options. */
function wordsAfter(profile: BackendProfile, command: readonly string[]): string[] {
  const words = command.flatMap((word) => word.trim().split(/\s+/));
  const at = words.findIndex((word) => profile.matches([word]) || profile.matches(['npx', word]));
  return at < 0 ? [] : words.slice(at + 1);
}
