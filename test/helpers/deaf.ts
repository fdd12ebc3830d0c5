// Sessions whose agents ignore SIGTERM, and whose owner is dead. Each agent notes when it is asked to end,
// and whether one of the others was killed by then: who ends them one after the other is found out, however
// slow the machine is.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { killWatchdog, server } from './owners.js';
import { quoted } from './quoted.js';
import { killed } from './reaping.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface Deaf {
  ids: string[];
  /** The deaf process of each session. */
  pids: number[];
  /** What each noted when it was asked: `all` or `alone`. */
  asked(): string[];
}

/** `isSurvivor`: the agent is gone, and has left a deaf process; a watchdog looks after it. */
export async function deafSessions(here: Scene, count: number, { isSurvivor = false } = {}): Promise<Deaf> {
  const { deaf, notes, noteOf } = deafIn(here);
  const script = isSurvivor ? `setsid ${quoted('sh', '-c', deaf)} & exec sleep 600` : deaf;
  const { owner, sessions } = await server(here, count, script);
  const those = () => readdirSync(notes).filter((name) => name.endsWith('.here'));
  await waitUntil('all ignore SIGTERM', () => those().length === count);
  if (isSurvivor) for (const { agent } of sessions) await killed(agent);
  else await killWatchdog(owner.pid);
  await killed(owner.pid);
  const pids = those().map((name) => parseInt(name, 10));
  return {
    ids: sessions.map(({ id }) => id).sort(),
    pids,
    asked: () => pids.map(noteOf),
  };
}

/** The same for sessions that a test opens itself: what their agents run, and what they noted. */
export function deafNotes(here: Scene): { script: string; notes(): string[] } {
  const { deaf, notes, noteOf } = deafIn(here);
  const script = deaf.replace('while :;', 'echo ready; while :;');
  const those = () => readdirSync(notes).filter((name) => name.endsWith('.here'));
  return { script, notes: () => those().map((name) => noteOf(parseInt(name, 10))) };
}

function deafIn(here: Scene) {
  const notes = join(here.box.dir, 'notes');
  mkdirSync(notes);
  // Within its grace period: no program is started for the answer.
  const deaf = `all() { for one in ${notes}/*.here; do one=\${one##*/}; kill -0 \${one%.here} || return; done; }
    trap 'if all; then echo all; else echo alone; fi > ${notes}/$$.asked' TERM
    echo > ${notes}/$$.here; while :; do sleep 0.1; done`;
  const noteOf = (pid: number) => {
    const path = join(notes, `${pid}.asked`);
    return (existsSync(path) && readFileSync(path, 'utf8').trim()) || 'never'; // it is there before it is written
  };
  return { deaf, notes, noteOf };
}
