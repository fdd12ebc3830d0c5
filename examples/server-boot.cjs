// A CommonJS server: the reaper at boot and every hour, then an agent, which SIGTERM ends before the server exits. The reaper
// is a real one, also for your /tmp.
const { createServer } = require('node:http');
const { runAgent, startReaper } = require('qw-run');

const reaper = startReaper({
  maxAge: '72h',
  orphans: 'end', // all agents of this user are the server's: after `kill -9` of it they go at the next start
  legacy: process.env.QW_LEGACY !== 'off', // also what agents left in /tmp without qw-run
  onReport: ({ removed, kept }) => console.log(`reaped ${removed.length} sessions, kept ${kept.length}`),
  logger: console,
});
const server = createServer((_request, response) => response.end('ok\n'));
const runs = []; // promises: an agent that is just being started ends too
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', async () => {
  console.log(`listening on ${server.address().port}`);
  await reaper.first;
  const run = runAgent('sh', ['-c', 'echo "$TMPDIR" > "$TMPDIR/ready"; sleep 600']);
  runs.push(run);
  run.catch(({ message }) => console.error(`no agent: ${message}`));
});

// Not once(): such a listener is gone when signal-exit counts, and the process would die of the signal.
process.on('SIGTERM', async () => {
  reaper.stop();
  server.close();
  await Promise.allSettled(runs.map(async (run) => (await run).stop())); // together they take one grace period
  process.exit();
});
