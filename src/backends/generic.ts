// Any other program: TMPDIR, TMP and TEMP are all it gets.
import type { BackendProfile } from './profile.js';

export const generic: BackendProfile = {
  name: 'generic',
  matches: () => true,
  env: () => ({}),
  args: (args) => [...args],
  units: [],
  legacy: [],
  shared: [],
};
