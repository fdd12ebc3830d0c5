// A CommonJS server that starts agents in a pseudo-terminal. `require('node-pty')` works the same. After `kill -9` of it the
// kernel hangs up the last terminal alone: node-pty leaves the others open in later children. The watchdog ends their agents.
const pty = require('@lydell/node-pty');
const { openSession } = require('qw-run');

async function startAgent(label, command, args) {
  const session = await openSession({ label, command: [command, ...args] });
  const env = session.env(); // process.env with TMPDIR and QW_SESSION of this session
  const { file, args: all } = session.command(command, args); // also what takes it inside where QW_ISOLATE is set
  const terminal = pty.spawn(file, all, { name: 'xterm-256color', env });
  try {
    session.adopt(terminal.pid); // now the session knows its agent, whoever started it
  } catch {} // it has left already
  terminal.onExit(() => session.end()); // the agent left by itself
  return { terminal, stop: () => session.end() }; // twice is the same promise
}

async function main() {
  const agent = await startAgent('tab 1', 'sh', ['-c', 'setsid sleep 1000 & echo "agent in $TMPDIR"; wait']);
  await new Promise((resolve) => agent.terminal.onData((text) => text.includes('agent in') && resolve()));

  const { ended, state } = await agent.stop();
  const names = ended.map(({ name }) => name);
  console.log(`ended ${names.join(' and ')}; TMPDIR is ${state}`);
}

main().then(() => process.exit()); // the pty would keep the process alive
