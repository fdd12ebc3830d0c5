// A server like QuadWork, and how it uses qw-run: node server.cjs [config.json]
const { createServer } = require('node:http');
const { dirname, join, resolve } = require('node:path');
const express = require('express');
const { WebSocketServer } = require('ws');
const { reap, startReaper } = require('qw-run');
const { createAgents, SIZE } = require('./agents.cjs');
const { createFeed } = require('./feed.cjs');
const { isLocal } = require('./local-only.cjs');
const { onShutdown } = require('./shutdown.cjs');
const { reaperOptions } = require('./temp-cleanup.cjs');

const configPath = resolve(process.argv[2] ?? join(__dirname, 'config.json'));
const config = require(configPath);
const cleanup = reaperOptions(config);
const hurry = new AbortController();

const definitions = config.projects.flatMap(({ id: project, agents: all }) =>
  Object.entries(all).map(([name, { args = [], cwd = '.', ...rest }]) => ({
    ...rest,
    ...{ key: `${project}/${name}`, project, name, args, cwd: resolve(dirname(configPath), cwd) },
  })),
);
const feed = createFeed({ size: SIZE, agents: () => agents.list });
const agents = createAgents(definitions, {
  hurry: hurry.signal,
  onChange: feed.publish,
  onOutput: feed.output,
});
const reaper = startReaper({ ...cleanup, every: '1h', onReport: feed.reaped, logger: console });

/** All of them end before the first one starts: they may share a worktree. */
async function reset(...list) {
  await agents.stop(...list);
  await agents.start(...list);
}

/** As after a restart of the server, without one. */
async function fullReset(...all) {
  await agents.stop(...all);
  if (cleanup.enabled) feed.reaped(await reap(cleanup));
  await agents.start(...all);
}

const app = express();
app.use((request, response, next) =>
  isLocal(request) ? next() : response.status(403).end('not from this page\n'),
);
app.use(express.static(join(__dirname, 'public')));
app.use('/xterm', express.static(dirname(require.resolve('@xterm/xterm/package.json'))));

/** Does it to some agents, and tells how they are now; 404 for agents that are not there. */
const post = (path, pick, action) =>
  app.post(path, async ({ params }, response) => {
    const list = pick(params).filter(Boolean);
    if (list.length === 0) return response.status(404).json({ error: `no agent at ${path}` });
    await action(...list);
    const now = list.map(({ key, state, note, session }) => ({
      key,
      state,
      note,
      session: session?.id ?? null,
    }));
    response.status(now.some(({ state }) => state === 'failed') ? 500 : 200).json(now);
  });
const one = ({ project, agent }) => [agents.find(`${project}/${agent}`)];
post('/api/agents/:project/:agent/start', one, agents.start);
post('/api/agents/:project/:agent/stop', one, agents.stop);
post('/api/agents/:project/:agent/restart', one, agents.restart);
post('/api/agents/:project/reset', ({ project }) => agents.of(project), reset);
post('/api/full-reset', () => agents.list, fullReset);
app.get('/api/state', async (_request, response) => response.json(await feed.look()));

function type(message) {
  try {
    const { key, input } = JSON.parse(message);
    agents.find(key)?.term?.write(String(input));
  } catch {
    // not from our page
  }
}

const server = createServer(app);
const sockets = new WebSocketServer({ server, path: '/ws', verifyClient: ({ req }) => isLocal(req) });
sockets.on('connection', (socket) => {
  feed.add(socket);
  socket.on('message', (data) => type(String(data)));
});
server.listen(Number(process.env.PORT ?? config.port), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

onShutdown(
  async () => {
    reaper.stop();
    server.close();
    await agents.close();
  },
  () => hurry.abort(),
);
