// The door to tmp-promise, which must not see the user's TMPDIR while it is loaded.
// biome-ignore-start assist/source/organizeImports: the order is the purpose
import { restoreTmpdir } from './hide-tmpdir.js';
import { dirSync } from 'tmp-promise';
// biome-ignore-end assist/source/organizeImports: the order is the purpose

restoreTmpdir();

export { dirSync };
