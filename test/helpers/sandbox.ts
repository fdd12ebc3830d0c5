// One throw-away directory a test: a managed root, a state directory and a working directory inside it, short
// enough for sockets. Everything a test deletes is in here; leftovers of a failed test go with it.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { waitUntil } from './wait-until.js';

export interface Sandbox {
  dir: string;
  root: string;
  cwd: string;
  /** An environment without anything inherited from a session we may run in, with our root and state directory. */
  env: NodeJS.ProcessEnv;
  /** What is left of sessions: entries of the root except its marker, an empty `.trash`, the reaper's stamp and locks. */
  left(): string[];
}

export function sandbox(t: Pick<TestContext, 'after'>): Sandbox {
  const dir = mkdtempSync('/tmp/q-');
  const root = join(dir, 'r');
  const cwd = join(dir, 'w');
  mkdirSync(cwd);
  mkdirSync(join(dir, 'home'));
  t.after(() => waitUntil(`${dir} is gone`, () => isRemoved(dir)));
  made.push(dir);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    SHELL: '/bin/sh', // tmux asks for it: a user like nobody has a shell that lets nobody in
    HOME: join(dir, 'home'),
    QW_ROOT: root,
    XDG_STATE_HOME: join(dir, 's'),
    QW_REAP: 'off',
    QW_TELL: 'off', // what agents stand in here take the arguments they were given; tell.test.ts turns it on
    QW_LOW: '0', // however full the machine is that runs the tests
  };
  for (const name of Object.keys(env)) {
    if (INHERITED.test(name)) delete env[name];
  }
  return { dir, root, cwd, env, left: () => leftIn(root) };
}

/** Of a session, of whoever runs the tests, and certificates, all of which Node 20 reads whenever it starts. */
const INHERITED =
  /^(QW_(?!ROOT|REAP|TELL|LOW)|TMPDIR$|TMP$|TEMP$|CLAUDE|NODE_OPTIONS$|NODE_TEST|NODE_EXTRA_CA_CERTS$)/;

/** Hooks run in their order: a session that a later one ends has its receipt written there once more. */
const made: string[] = [];
process.once('exit', () => {
  for (const dir of made) {
    try {
      rmSync(dir, { recursive: true, force: true });
    } catch {
      // somebody is at work in there: that is no test's failure
    }
  }
});

/** A watchdog may still be at work in there. */
function isRemoved(dir: string): boolean {
  try {
    rmSync(dir, { recursive: true, force: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    return false;
  }
}

function leftIn(root: string): string[] {
  const names = list(root).filter((name) => !/^\.(qw-root$|trash$|reaped$|lock-)/.test(name));
  return [...names, ...list(join(root, '.trash')).map((name) => `.trash/${name}`)];
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
