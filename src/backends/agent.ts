// What a profile starts from: a program that needs nothing but TMPDIR, TMP and TEMP; and how an agent is told
// from other programs.
import { programName, targetOf } from './command-target.js';
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

type OwnNeeds = Partial<BackendProfile> & Pick<BackendProfile, 'name' | 'pack'>;

/**
 * The profile of an agent, by what it needs that others do not. A name has to be the whole one:
 * claude-monitor is another program. `entry`: how the path of its program ends where it is installed.
 */
export const agent = ({ entry, ...own }: OwnNeeds & { entry: RegExp }): BackendProfile => ({
  ...generic,
  ...own,
  matches: (command) => {
    const { word = '', kind } = targetOf(command) ?? {};
    if (kind === 'package') return word === own.name || word.replace(VERSION, '') === own.pack;
    return programName(word) === own.name || entry.test(word);
  },
});

/** Behind a package's name. */
const VERSION = /(?<=.)@[^@/]*$/;
