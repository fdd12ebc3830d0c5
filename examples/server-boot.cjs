// A CommonJS server: the reaper at boot and every hour, then the server itself. The reaper is a real one, also for your /tmp.
const { createServer } = require('node:http');
const { startReaper } = require('qw-run');

const reaper = startReaper({
  every: '1h',
  maxAge: '72h',
  legacy: process.env.QW_LEGACY !== 'off', // also what agents left in /tmp without qw-run
  onReport: ({ removed, kept }) => console.log(`reaped ${removed.length} sessions, kept ${kept.length}`),
  logger: console,
});

const server = createServer((_request, response) => response.end('ok\n'));
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`);
});

process.once('SIGTERM', () => {
  reaper.stop();
  server.close();
});
