// Looks at processes: by pid, and by a marker variable that a test puts into the environment of what it starts.
// Marked processes are the only ones a test may kill.
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';

/** Alive and not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
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
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid) && hasEntry(pid, marker));
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

function hasEntry(pid: number, entry: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry);
  } catch {
    return false;
  }
}
