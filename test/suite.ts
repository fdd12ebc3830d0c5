// Runs the tests once they are compiled: what `npm test` runs, or with `--rest` what it leaves out for its time, or with
// `--all` both and the tests that need root. Some tests use the default root, as anybody does: where there was none
// before, it goes afterwards. Only what is empty: a session in it is somebody's.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Half, halfOf } from './halves.js';

const root = `/tmp/qw-${process.getuid?.()}`;
const wasThere = existsSync(root);
const [, , word = ''] = process.argv;
const run = [
  '--test',
  '--test-reporter=./.build/reporter.js',
  '--test-timeout=600000',
  `--test-concurrency=${word === '' ? 5 : 3}`, // those of npm test wait half of their time, campaigns do not
];
const env = { ...process.env };
// Node 20 reads all of them whenever it starts; only npm, in the rest, needs them.
if (word === '') delete env['NODE_EXTRA_CA_CERTS'];
const { status } = spawnSync(process.execPath, [...run, ...chosen(word)], { stdio: 'inherit', env });
if (!wasThere && isEmpty()) {
  for (const name of readdirSync(root))
    name === '.trash' ? rmdirSync(join(root, name)) : rmSync(join(root, name));
  rmdirSync(root);
}
process.exit(status ?? 1);

/** Those as root CI runs by themselves. */
function chosen(word: string): string[] {
  const halves: Record<string, Half[]> = {
    '': ['npm test'],
    '--rest': ['rest'],
    '--all': ['npm test', 'rest', 'as root'],
  };
  const wanted = halves[word];
  if (!wanted) throw new Error(`${word}: --rest, --all or nothing`);
  const build = dirname(fileURLToPath(import.meta.url));
  return readdirSync(build, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js') && wanted.includes(halfOf(name)))
    .map((name) => join('.build', name));
}

function isEmpty(): boolean {
  const namesIn = (dir: string) => (existsSync(dir) ? readdirSync(dir) : []);
  const isOurs = (name: string) => ['.qw-root', '.reaped', '.trash'].includes(name);
  return existsSync(root) && namesIn(root).every(isOurs) && namesIn(join(root, '.trash')).length === 0;
}
