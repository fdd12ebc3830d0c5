// A server like QuadWork, and how it uses qw-run: node server.cjs [config.json]
const { createServer } = require('node:http');
const { dirname, join, resolve } = require('node:path');
const express = require('express');
const { WebSocketServer } = require('ws');
const { listSessions, reap, removeSession, startReaper } = require('qw-run');
const { createAgents, definitionsIn } = require('./agents.cjs');
const { createFeed } = require('./feed.cjs');
const { launchInScope, launchPlain, launchWithProfile, SIZE } = require('./launch.cjs');
const { isLocal, localOnly } = require('./local-only.cjs');
const { onShutdown } = require('./shutdown.cjs');
const { liveConfig, reaperOptions } = require('./temp-cleanup.cjs');

const configPath = resolve(process.argv[2] ?? join(__dirname, 'config.json'));
const readConfig = liveConfig(configPath);
const config = readConfig();
const hurry = new AbortController();

/** 2.7 on Linux puts each agent into a scope of systemd; `scope` stands for `systemd-run --user --scope …`. */
const { way = 'plain', temp_root: tempRoot, scope = [] } = config.launcher ?? {};
const endScope = async (_id, term) => term.kill('SIGKILL'); // there: systemctl --user stop
const parts = { tempRoot, scope: () => scope, endScope };
const launch = { plain: launchPlain, scope: launchInScope(parts), profile: launchWithProfile(parts) }[way];
const feed = createFeed({ size: SIZE, agents: () => agents.list });
const agents = createAgents(definitionsIn(config, dirname(configPath)), {
  launch,
  hurry: hurry.signal,
  onChange: feed.publish,
  onOutput: feed.output,
});
const reaper = startReaper(() => ({
  ...reaperOptions(readConfig()),
  onReport: feed.reaped,
  logger: console,
}));

/** All of them end before the first one starts: they may share a worktree. */
async function reset(...list) {
  await agents.stop(...list);
  await agents.start(...list);
}

/** As after a restart of the server, without one. */
async function fullReset(...all) {
  await agents.stop(...all);
  const { enabled, ...options } = reaperOptions(readConfig());
  if (enabled) feed.reaped(await reap(options));
  await agents.start(...all);
}

const app = express();
app.use(localOnly);
app.use(express.static(join(__dirname, 'public')));
app.use('/xterm', express.static(dirname(require.resolve('@xterm/xterm/package.json'))));

/** Does it to some agents, and tells how they are now. */
const post = (path, pick, action) =>
  app.post(path, async ({ params, path: asked }, response) => {
    const list = pick(params).filter(Boolean);
    if (list.length === 0) return response.status(404).json({ error: `no agent at ${asked}` });
    await action(...list);
    const now = list.map(({ key, state, note, cleanup_errors, session }) => {
      return { key, state, note, cleanup_errors, session: session?.id ?? null };
    });
    response.status(now.some(({ state }) => state === 'failed') ? 500 : 200).json(now);
  });
const one = ({ project, agent }) => [agents.find(`${project}/${agent}`)];
post('/api/agents/:project/:agent/start', one, agents.start);
post('/api/agents/:project/:agent/stop', one, agents.stop);
post('/api/agents/:project/:agent/restart', one, agents.restart);
post('/api/agents/:project/reset', ({ project }) => agents.of(project), reset);
post('/api/full-reset', () => agents.list, fullReset);
const butler = agents.find('butler');
app.post('/api/butler/start', (_request, response) => response.json(agents.startSoon(butler)));
app.post('/api/butler/stop', (_request, response) => response.json(agents.stopSoon(butler)));
/** Other sessions: what is in use is kept, and the answer says why. `force` ends its processes first. */
app.delete('/api/sessions/:id', async ({ params: { id }, query }, response) => {
  const own = agents.list.find(({ session }) => session?.id === id);
  if (own) return response.status(409).json({ error: `stop ${own.key}: its session goes with it` });
  const force = query.force === 'yes';
  try {
    const live = force && (await listSessions()).sessions.find((it) => it.id === id && it.state === 'live');
    if (live) return response.status(409).json({ error: `${id} is live: its owner ends it` });
    const report = await removeSession(id, { force });
    const isUnknown = report.failed.some(({ reason }) => reason.startsWith('no such session'));
    response.status(isUnknown ? 404 : 200).json(report);
  } catch (error) {
    response.status(error.code === 'ERR_QW_USAGE' ? 400 : 500).json({ error: error.message });
  }
});
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
