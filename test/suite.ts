// What `npm test` runs, once it is compiled. Some tests use the default root, as anybody does: where there was none before, it goes afterwards. Only what is empty: a session in it is somebody's.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = `/tmp/qw-${process.getuid?.()}`;
const wasThere = existsSync(root);
const { status } = spawnSync('npm', ['run', '--silent', 'test:compiled'], { stdio: 'inherit' });
if (!wasThere && isEmpty()) {
  for (const name of readdirSync(root))
    name === '.trash' ? rmdirSync(join(root, name)) : rmSync(join(root, name));
  rmdirSync(root);
}
process.exit(status ?? 1);

function isEmpty(): boolean {
  const namesIn = (dir: string) => (existsSync(dir) ? readdirSync(dir) : []);
  const isOurs = (name: string) => ['.qw-root', '.reaped', '.trash'].includes(name);
  return existsSync(root) && namesIn(root).every(isOurs) && namesIn(join(root, '.trash')).length === 0;
}
