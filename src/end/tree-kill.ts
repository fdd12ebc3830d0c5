// The part of signal-tree.ts that runs in a process of its own, with a clean environment.
import killTree from 'tree-kill';

/** Signals the process and its descendants. */
export const killTreeOf = (pid: number, signal: string): Promise<void> =>
  new Promise((resolve, reject) => killTree(pid, signal, (error) => (error ? reject(error) : resolve())));
