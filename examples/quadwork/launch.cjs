// How an agent gets its terminal: each way gives `{ session, term }`. A `session` has `id`, `tmpdir`, `warnings`, `end()`.
const { mkdtempSync } = require('node:fs');
const { rm } = require('node:fs/promises');
const { join } = require('node:path');
const pty = require('@lydell/node-pty'); // `node-pty` works the same
const { openSession, profile } = require('qw-run');

const SIZE = { cols: 80, rows: 18 };
const TERMINAL = { name: 'xterm-256color', ...SIZE };

/** QuadWork 1.x to 2.6, macOS, Windows: plain node-pty. */
async function launchPlain({ key, command, args, cwd, env: extra }) {
  const env = { ...process.env, ...extra };
  const session = await openSession({ label: key, command: [command, ...args], cwd, env });
  try {
    const { file, args: all } = session.command(command, args);
    const term = pty.spawn(file, all, { ...TERMINAL, cwd, env: session.env(env) });
    adopt(session, term);
    return { session, term };
  } catch (error) {
    await session.end(); // what cannot be started leaves nothing
    throw error;
  }
}

function adopt(session, term) {
  try {
    session.adopt(term.pid);
  } catch {} // it has left already
}

/** QuadWork 2.7 on Linux: the session is the generation, below the launcher's own temp root. */
const launchInScope = ({ tempRoot, scope }) =>
  async function launch({ key, command, args, cwd, env: extra }) {
    const env = { ...process.env, ...extra };
    const root = join(tempRoot, 'qw'); // at most 35 bytes: sockets below TMPDIR have to fit
    const session = await openSession({ label: key, command: [command, ...args], cwd, env, root });
    try {
      const { file, args: all } = session.command(command, args);
      const [launcher, ...rest] = [...scope(session.id), file, ...all];
      const term = pty.spawn(launcher, rest, { ...TERMINAL, cwd, env: session.env(env) }); // TMPDIR is in there
      adopt(session, term); // systemd-run --scope becomes the agent: the same pid
      return { session, term };
    } catch (error) {
      await session.end();
      throw error;
    }
  };

/** The same, where the launcher keeps its own directory and ends the scope itself: `profile()` alone. */
const launchWithProfile = ({ tempRoot, scope, endScope }) =>
  async function launch({ command, args, cwd, env: extra }) {
    const tmpdir = mkdtempSync(join(tempRoot, 'g-'));
    const id = tmpdir.slice(-6);
    const env = { ...process.env, ...extra };
    const agent = profile({ command, args, cwd, env, tmpdir });
    const [launcher, ...rest] = [...scope(id), agent.file, ...agent.args];
    const term = pty.spawn(launcher, rest, { ...TERMINAL, cwd, env: agent.env });
    const end = async () => {
      await endScope(id, term);
      await rm(tmpdir, { recursive: true, force: true });
      return { state: 'removed', left: [], failed: [] }; // nobody looked who was ended
    };
    return { session: { id, tmpdir, warnings: agent.warnings, end, isListed: false }, term };
  };

module.exports = { SIZE, launchPlain, launchInScope, launchWithProfile };
