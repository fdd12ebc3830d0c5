// A server that opens sessions and then does as a test tells it (fixture `serve-as-told.mjs`).
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, start } from './cli.js';
import { fixture } from './paths.js';
import { atStep } from './preloads.js';
import { readyPid, type Scene } from './scene.js';

export interface Told {
  count?: number;
  /** What each agent runs. */
  script?: string;
  /** JavaScript, run on `go`. */
  code: string;
  options?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
}

export interface ToldServer {
  pid: number;
  child: ChildProcess;
  says(text: string): Promise<string>;
  go(): Promise<Finished>;
}

export async function toldServer(here: Scene, told: Told): Promise<ToldServer> {
  const { count = 1, script = 'exec sleep 600', code, options = {}, env = {} } = told;
  const { pid, child, says, done } = start(
    fixture('serve-as-told.mjs'),
    [`${count}`, script, code, JSON.stringify(options)],
    { ...here.options, env: { ...here.options.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  await readyPid(says);
  const go = () => {
    child.stdin?.write('go\n');
    return done;
  };
  return { pid, child, says, go };
}

/** Has the calls that only look logged; `since`: those after the server was told to go. */
export function readsLogged(here: Scene): { env: NodeJS.ProcessEnv; since(): string[] } {
  const log = join(here.box.dir, 'reads');
  const env = atStep({ log, reads: true });
  const since = () => {
    const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
    const calls = lines.map((line) => JSON.parse(line) as string);
    return calls.slice(calls.indexOf('existsSync /from-here-on') + 1);
  };
  return { env, since };
}
