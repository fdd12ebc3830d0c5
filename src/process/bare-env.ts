// The environment of our own helpers: what a program needs to start, and nothing of a session. One that
// carried a session's TMPDIR would be taken for its member and ended with it.
import { delimiter } from 'node:path';

/** PATH and library paths, and what the user wants of worktrees; `more` on top. */
export function bareEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = NAMES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  const { PATH, ...libraries } = Object.fromEntries(kept);
  return { PATH: [PATH, SYSTEM_PATH].filter(Boolean).join(delimiter), ...libraries, ...more };
}

/** Behind the user's own: an agent may be started with a PATH that has no `rm`. */
const SYSTEM_PATH = process.platform === 'win32' ? '' : '/usr/bin:/bin';
const NAMES = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot', 'QW_WORKTREES'];
