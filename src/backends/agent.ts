// What a profile starts from: a program that needs nothing but TMPDIR, TMP and TEMP; and how an agent is told
// from other programs.
import { programName, type Target, targetOf } from './command-target.js';
import type { BackendProfile } from './profile.js';

/** Any other program. */
export const generic: BackendProfile = {
  name: 'generic',
  pack: '',
  matches: () => true,
  env: () => ({}),
  args: (_tmpdir, args) => [...args],
  warnings: () => [],
  units: [],
  legacy: [],
  shared: [],
};

interface AgentProgram extends Pick<BackendProfile, 'name' | 'pack'> {
  /** How the path of its program ends where it is installed. */
  entry: RegExp;
}

/**
 * The profile of an agent, by what it needs that others do not. A name has to be the whole one:
 * claude-monitor is another program.
 */
export const agent = ({ entry, ...own }: AgentProgram & Partial<BackendProfile>): BackendProfile => ({
  ...generic,
  ...own,
  matches: (command) => {
    const target = targetOf(command);
    return target !== undefined && isAgent({ ...own, entry }, target);
  },
});

function isAgent({ name, pack, entry }: AgentProgram, { word, kind }: Target): boolean {
  if (kind === 'package') return word === name || word.replace(VERSION, '') === pack;
  return programName(word) === name || entry.test(word);
}

/** Behind a package's name. */
const VERSION = /(?<=.)@[^@/]*$/;
