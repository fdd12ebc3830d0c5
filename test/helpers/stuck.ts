// A session of which one file cannot be removed, by anybody, until it is freed.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fixture } from './paths.js';
import { type Forged, put } from './reaping.js';
import type { Scene } from './scene.js';
import { script, standIns } from './stand-ins.js';

export interface Stuck {
  /** For the environment of who removes. */
  env: NodeJS.ProcessEnv;
  /** The same for node. */
  flags: string[];
  free(): void;
}

/** Puts `stuck/file` into the session's TMPDIR. Neither `rm` nor we ourselves can remove it as long as it is not freed. */
export function stuckFile({ box }: Scene, { tmpdir }: Forged): Stuck {
  put(join(tmpdir, 'stuck/file'), 'x'.repeat(2 ** 21)); // too large for a removal by the way
  const refused = put(join(box.dir, 'refused'));
  const bin = join(box.dir, 'bin');
  script(bin, 'rm', `[ -e '${refused}' ] || exec /bin/rm "$@"\nexit 1`);
  const preload = put(join(box.dir, 'refuse-unlink.cjs'), REFUSE.replace('REFUSED', JSON.stringify(refused)));
  return { ...standIns(bin, [preload]), free: () => rmSync(refused, { force: true }) };
}

const REFUSE = `const fs = require('node:fs');
require(${JSON.stringify(fixture('into-helper.cjs'))})(__filename);
const { unlinkSync, existsSync, readlinkSync } = fs;
const { resolve } = require('node:path');
fs.unlinkSync = (path) => {
  const real = resolve(String(path)).replace(/^\\/proc\\/self\\/fd\\/\\d+/, (fd) => readlinkSync(fd));
  if (existsSync(REFUSED) && real.endsWith('/stuck/file'))
    throw Object.assign(new Error('EPERM: put in its way'), { code: 'EPERM' });
  return unlinkSync(path);
};
require('node:module').syncBuiltinESMExports();
`;
