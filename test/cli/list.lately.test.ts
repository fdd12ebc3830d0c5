// What a watchdog, the pass of a qw-run and a reaper ended or kept, while nobody listened: `qw-tmp list`
// shows it later.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { nameOf } from '../helpers/leaving-agent.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { forge, killed, leaseOf, openOwnerless, openWith, reapOnce } from '../helpers/reaping.js';
import { server } from '../helpers/reaping-server.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const AGENT = 'setsid sleep 600 >/dev/null 2>&1 & echo "ready $$ "; exec sleep 601 >/dev/null 2>&1';
const stateOf = ({ box }: Scene) => join(box.dir, 's/qw-run');
const logOf = (here: Scene) => join(stateOf(here), 'log');

/** As `qw-tmp list` shows them to a person. */
async function lately(here: Scene): Promise<string[]> {
  const { stdout } = await run(qwTmp, ['list'], here.options);
  const [, lines = ''] = stdout.split(/^lately, .*:\n/m);
  return lines.split('\n').filter(Boolean);
}

/** The line is left once all is done. Looks again where the log has grown. */
const latelySoon = (here: Scene, what: RegExp) => {
  let seen = 0;
  return waitUntil(`a line says ${what}`, async () => {
    const size = existsSync(logOf(here)) ? statSync(logOf(here)).size : 0;
    if (size === seen) return undefined;
    seen = size;
    return (await lately(here)).find((line) => what.test(line));
  });
};

describe('who looks later reads', { concurrency: 2 }, () => {
  test('what a watchdog ended, and before that, once, that it waited', async (t) => {
    const here = scene(t);
    const { wrapper, agent, id } = await openWith(here, [], AGENT);
    const survivor = await waitUntil('its survivor is there', () =>
      here.processes().find((pid) => pid !== agent && pid !== wrapper.pid && nameOf(pid) === 'sleep'),
    );
    await killed(wrapper.pid);
    await latelySoon(here, new RegExp(`${id}  kept \\(held, agent-alive\\)  \\[watchdog\\]$`));
    await killed(agent);
    await latelySoon(
      here,
      new RegExp(`${id}  ended sleep \\(${survivor}\\); removed \\(owner-dead\\)  \\[watchdog\\]$`),
    );
    assert.equal((await lately(here)).length, 2);
    await here.nothingLeftSoon();
  });

  test('what the pass of a qw-run removed', async (t) => {
    const here = scene(t);
    await run(qwRun, ['true'], here.options);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    const env = { ...here.options.env, QW_REAP: 'on' };
    await run(qwRun, ['true'], { ...here.options, env });
    await latelySoon(here, /orphan00 {2}removed \(owner-dead\) {2}\[reaper\]$/);
  });

  test("what a server's reaper ended", async (t) => {
    const here = scene(t);
    const { agent, id } = await openOwnerless(here, AGENT);
    await server(
      here,
      `setInterval(() => {}, 1_000); reaper({ orphans: 'end', onReport: () => process.exit() });`,
    ).done;
    const line = await latelySoon(here, new RegExp(`${id}  ended .*\\[reaper\\]$`));
    assert.match(line, new RegExp(`sleep \\(${agent}\\).*; removed \\(members-ended\\)`));
  });

  test('what is kept, once, however often it is looked at', async (t) => {
    const here = scene(t);
    const { id } = await openOwnerless(here, AGENT);
    for (let pass = 0; pass < 3; pass += 1) await reapOnce(here);
    assert.equal((await lately(here)).filter((line) => line.includes(id)).length, 1);
  });

  test('nothing of a dry run, of what lives, and where nothing was done', async (t) => {
    const here = scene(t);
    forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
    const { wrapper } = await openWith(here, [], AGENT);
    await reapOnce(here, ['--dry-run']);
    assert.deepEqual(await lately(here), []);
    await killed(wrapper.pid);
  });
});

describe('the lines', { concurrency: 2 }, () => {
  const table: [what: string, spoil: (here: Scene) => void][] = [
    ['no directory', (here) => rmSync(stateOf(here), { recursive: true })],
    ['a directory in its place', (here) => mkdirSync(logOf(here))],
    ['a link in its place', (here) => symlinkSync(join(here.box.dir, 'precious'), logOf(here))],
    ['a link to a device', (here) => symlinkSync('/dev/full', logOf(here))],
    [
      'a line with what moves a cursor',
      (here) => {
        const line = { version: 1, kind: 'session', at: new Date().toISOString(), by: 'reaper', root: '/r' };
        const more = { id: 'abcd1234', tmpdir: '/t', state: 'removed', reason: '\x1b[2J\x1b]0;title\x07' };
        writeFileSync(logOf(here), `${JSON.stringify({ ...line, ...more })}\n`);
      },
    ],
    [
      'anything in it',
      (here) => writeFileSync(logOf(here), `\0\x1b[31m\n2026-01-01T00:00:00Z x\n${'x'.repeat(1e6)}`),
    ],
  ];
  for (const [what, spoil] of table)
    test(`change nothing else: ${what}`, async (t) => {
      const here = scene(t);
      mkdirSync(stateOf(here), { recursive: true, mode: 0o700 });
      const precious = join(here.box.dir, 'precious');
      writeFileSync(precious, 'precious');
      spoil(here);
      forge(here.box, 'orphan00', { lease: leaseOf('orphan00') });
      const { code, stderr, ids } = await reapOnce(here);
      assert.deepEqual([code, stderr, ids], [0, '', ['orphan00']]);
      const { code: listed, stdout } = await run(qwTmp, ['list'], here.options);
      assert.equal(listed, 0);
      assert.ok(!stdout.includes('\x1b') && !stdout.includes('\0'));
      assert.equal(readFileSync(precious, 'utf8'), 'precious');
    });
});
