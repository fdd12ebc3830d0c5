// Agents that ignore SIGTERM, in several sessions: all are asked before any is killed, whoever ends them, and
// each is named.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReapReport } from 'qw-run';
import { run } from '../helpers/cli.js';
import { type Deaf, deafSessions } from '../helpers/deaf.js';
import { qwTmp } from '../helpers/paths.js';
import { reapOnce } from '../helpers/reaping.js';
import { linesOf, server } from '../helpers/reaping-server.js';
import { scene } from '../helpers/scene.js';

const COUNT = 3;
const together = ({ asked }: Deaf) => assert.deepEqual(asked(), Array(COUNT).fill('all'));

describe('deaf agents of several sessions end under one grace period', { concurrency: 2 }, () => {
  test('by qw-tmp reap --orphans end, which names them with their sessions', async (t) => {
    const here = scene(t);
    const deaf = await deafSessions(here, COUNT);
    const { ids, report } = await reapOnce(here, ['--orphans', 'end']);
    together(deaf);
    assert.deepEqual(ids, deaf.ids);
    assert.deepEqual(endedIn(report, deaf), deaf.ids);
    here.nothingLeft();
  });

  test('by two reapers at once: each session is removed by one of them', async (t) => {
    const here = scene(t);
    const deaf = await deafSessions(here, COUNT);
    const both = await Promise.all([1, 2].map(() => reapOnce(here, ['--orphans', 'end'])));
    assert.deepEqual(both.flatMap(({ ids }) => ids).sort(), deaf.ids);
    here.nothingLeft();
  });

  test('by qw-tmp rm --force', async (t) => {
    const here = scene(t);
    const deaf = await deafSessions(here, COUNT);
    const { code, stderr } = await run(qwTmp, ['rm', '--force', ...deaf.ids], here.options);
    together(deaf);
    assert.equal(code, 0, stderr);
    for (const pid of deaf.pids) assert.match(stderr, new RegExp(`\\bsh \\(${pid}\\)`));
    here.nothingLeft();
  });

  test("by a server's reaper, each named to its logger", async (t) => {
    const here = scene(t);
    const deaf = await deafSessions(here, COUNT);
    const script = `const logger = { info: (line) => say('info', line), warn: (line) => say('warn', line) };
      const onReport = ({ removed }) => { say('done', removed.length); process.exit(); };
      reaper({ orphans: 'end', logger, onReport });
      setInterval(() => {}, 1_000);`;
    const running = server(here, script);
    await running.done;
    together(deaf);
    assert.deepEqual(linesOf(running, 'done'), [`done ${COUNT}`]);
    const told = linesOf(running, 'info qw-run: ended ');
    assert.equal(told.length, COUNT, running.stdout());
    for (const id of deaf.ids) assert.ok(told.some((line) => line.includes(id)));
    for (const pid of deaf.pids) assert.ok(told.some((line) => line.includes(`sh (${pid})`)));
    here.nothingLeft();
  });

  test('by the watchdog', async (t) => {
    const here = scene(t);
    const deaf = await deafSessions(here, COUNT, { isSurvivor: true });
    await here.nothingLeftSoon();
    together(deaf);
  });
});

/** The sessions of the deaf ones, as the report has them. */
const endedIn = ({ ended }: ReapReport, { pids }: Deaf): string[] =>
  pids.map((pid) => ended.find((one) => one.pid === pid)?.id ?? 'not named').sort();
