// Looks at processes: by pid, and by a marker variable that a test puts into the environment of what it starts.
// Marked processes are the only ones a test may kill.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { TestContext } from 'node:test';

/** Alive and not a zombie. One whose first thread has left looks like a zombie, but has others. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return !'ZX'.includes(fields[0] ?? '') || Number(fields[17]) > 1;
  } catch {
    return false;
  }
}

/** State letter of a process (`R S D T Z …`), undefined when it is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return undefined;
  }
}

/** Pids of living processes whose environment holds `marker` (for example `QW_TEST=17`). */
export function marked(marker: string): number[] {
  return ourPids().filter((pid) => pid !== process.pid && hasEntry(pid, marker) && isAlive(pid));
}

/** Pids of all processes of this user; as root, of all. */
export function ourPids(): number[] {
  const uid = process.getuid?.();
  const isOurs = (pid: number) =>
    uid === 0 || statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === uid;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isOurs);
}

/** A marker unique to this test; whatever carries it is SIGKILLed after the test. */
export function marker(t: TestContext): { name: string; value: string; text: string } {
  const name = 'TEST_MARK';
  const value = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  const text = `${name}=${value}`;
  t.after(() => {
    for (const pid of marked(text)) kill(pid, 'SIGKILL');
  });
  return { name, value, text };
}

/** Signals a pid; a process that is already gone is no error. */
export function kill(pid: number, signal: NodeJS.Signals | number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** By any thread: of a first one that has left the environment cannot be read any more. */
function hasEntry(pid: number, entry: string): boolean {
  const own = environOf(pid);
  if (own !== '') return hasLine(own, entry);
  try {
    return readdirSync(`/proc/${pid}/task`).some((tid) => hasLine(environOf(tid), entry));
  } catch {
    return false;
  }
}

/** Undefined of whoever is another user's: none of its threads need be asked. */
function environOf(tid: number | string): string | undefined {
  try {
    return readFileSync(`/proc/${tid}/environ`, 'latin1');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : '';
  }
}

const hasLine = (environ: string | undefined, entry: string): boolean =>
  environ !== undefined && `\0${environ}\0`.includes(`\0${entry}\0`);
