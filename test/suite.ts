// What `npm test` runs, once it is compiled: the tests that must be alone, then the others. Some use the default root, as anybody
// does: where there was none before, it goes afterwards. Only what is empty: a session in it is somebody's.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = `/tmp/qw-${process.getuid?.()}`;
const wasThere = existsSync(root);
const failed = ['test:alone', 'test:together'].find(
  (part) => spawnSync('npm', ['run', '--silent', part], { stdio: 'inherit' }).status !== 0,
);
if (!wasThere && isEmpty()) {
  for (const name of readdirSync(root))
    name === '.trash' ? rmdirSync(join(root, name)) : rmSync(join(root, name));
  rmdirSync(root);
}
process.exit(failed ? 1 : 0);

function isEmpty(): boolean {
  const namesIn = (dir: string) => (existsSync(dir) ? readdirSync(dir) : []);
  const isOurs = (name: string) => ['.qw-root', '.reaped', '.trash'].includes(name);
  return existsSync(root) && namesIn(root).every(isOurs) && namesIn(join(root, '.trash')).length === 0;
}
