// Any other program: TMPDIR, TMP and TEMP are all it gets.
import type { BackendProfile } from './profile.js';

export const generic: BackendProfile = {
  name: 'generic',
  matches: () => true,
  env: () => ({}),
  args: (_tmpdir, args) => [...args],
  warnings: () => [],
  units: [],
  legacy: [],
  shared: [],
};
