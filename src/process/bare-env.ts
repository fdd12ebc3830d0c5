// The environment of our own helpers: what a program needs to start, and nothing of a session. One that carried a session's
// TMPDIR would be taken for its member and ended with it.

/** PATH and library paths; `more` on top. */
export function bareEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = NAMES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { PATH: '/usr/bin:/bin', ...Object.fromEntries(kept), ...more };
}

const NAMES = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot'];
