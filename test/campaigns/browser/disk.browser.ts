// What the page of the example server says of the disk, on a desk and in the hand: room, growth, who uses a session, receipts; and
// that nothing is deleted without a question, nor what is in use without a second one.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page, WebSocketRoute } from 'playwright-core';
import { run } from '../../helpers/cli.js';
import { startExample } from '../../helpers/example-server.js';
import { qwRun } from '../../helpers/paths.js';
import { isAlive } from '../../helpers/processes.js';
import { ids, openOwnerless } from '../../helpers/reaping.js';
import { type Scene, scene } from '../../helpers/scene.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { type Browser, noBrowser, SIZES, startBrowser } from './browser.js';

/** No pass of the reaper takes what the page is to delete. */
const config = ({ box }: Scene): string => {
  const path = join(box.dir, 'config.json');
  const agents = { a: { command: 'sh', args: ['-c', 'sleep 600 & exec sleep 600'] } };
  const temp_cleanup = { enabled: false };
  writeFileSync(path, JSON.stringify({ temp_cleanup, projects: [{ id: 'p', agents }] }));
  return path;
};
const isNarrow = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth <= innerWidth') as Promise<boolean>;
const says = (page: Page, where: string, text: RegExp) =>
  waitUntil(`${where} says ${text}`, async () =>
    (await page.locator(where).allTextContents()).some((it) => text.test(it)),
  );

describe('the disk on the page of the example server', { skip: noBrowser() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  for (const [name, size] of Object.entries(SIZES)) {
    test(`${name}: who uses a session is shown, and one is deleted after a question`, async (t) => {
      const here = scene(t);
      const kept = [
        '--keep',
        '--label',
        'trace',
        '--',
        'sh',
        '-c',
        'head -c 3000000 /dev/zero > "$TMPDIR/x"',
      ];
      await run(qwRun, kept, here.options);
      const [trace = ''] = ids(here.box);
      const lost = await openOwnerless(here, 'echo "ready $$ "; exec sleep 600');
      const server = await startExample(here, { args: [config(here)] });
      const { page, errors } = await browser.open(`http://127.0.0.1:${server.port}`, { size });
      const row = (id: string) => page.locator('#others tbody tr', { hasText: id });
      await says(
        page,
        '#others tbody tr',
        new RegExp(`^${trace}kept \\(kept-on-request\\)trace2.9 MiB––Delete$`),
      );
      await says(page, '#room', /: [\d.]+ GiB of [\d.]+ GiB free, \d+% of the inodes$/);
      await waitUntil('it is held', async () => /held/.test((await row(lost.id).textContent()) ?? ''));

      await page.locator('#p-a [data-do=start]').click();
      const users = page.locator('#p-a .users');
      await says(page, '#p-a .users', /^sleep ×2/);
      await users.locator('summary').click();
      const own = await page.locator('#p-a .id').textContent();
      assert.match(
        (await users.locator('li').allTextContents()).join(),
        /^sleep \(\d+, member\),sleep \(\d+, member\)$/,
      );
      assert.ok(await isNarrow(page), 'nothing sticks out');

      const asked = page.locator('#delete');
      await row(trace).getByRole('button').click();
      assert.match((await asked.textContent()) ?? '', new RegExp(`${trace}, trace, 2.9 MiB\\.`));
      assert.ok(await isNarrow(page), 'nor does the question');
      await page.keyboard.press('Escape');
      await asked.waitFor({ state: 'hidden' });
      await row(trace).getByRole('button').click();
      await asked.getByRole('button', { name: 'Cancel' }).click();
      assert.ok(ids(here.box).includes(trace), 'neither of them deletes it');
      await row(trace).getByRole('button').click();
      await asked.getByRole('button', { name: 'Delete' }).click();
      await says(page, '#deleted', new RegExp(`^${trace}: deleted$`));
      await row(trace).waitFor({ state: 'detached' });
      assert.deepEqual(ids(here.box).sort(), [lost.id, own].sort());

      await row(lost.id).getByRole('button').click();
      assert.match((await asked.textContent()) ?? '', /It is used by sleep\./);
      await asked.getByRole('button', { name: 'Delete' }).click();
      await says(page, '#deleted', new RegExp(`^${lost.id}: it stays: held, `));
      assert.ok(isAlive(lost.agent) && existsSync(lost.tmpdir));
      await row(lost.id).getByRole('button').click();
      await asked.getByLabel('End its processes first: worktrees in it go too').check();
      await asked.getByRole('button', { name: 'Delete' }).click();
      await says(page, '#deleted', new RegExp(`^${lost.id}: deleted$`));
      assert.ok(!isAlive(lost.agent) && !existsSync(dirname(lost.tmpdir)));

      await says(page, '#receipts tbody tr', new RegExp(`${lost.id}rmended sleep; TMPDIR removed$`));
      await says(page, '#receipts tbody tr', new RegExp(`${trace}tracerm`));
      assert.ok(
        await users.locator('details').evaluate((it) => it.hasAttribute('open')),
        'opened stays open',
      );
      assert.ok(await isNarrow(page), 'nor do receipts');
      await server.shut();
      await here.nothingLeftSoon();
      assert.deepEqual(errors, []);
      await page.close();
    });

    test(`${name}: a full disk, growth and a worktree are shown as the server tells them`, async (t) => {
      const here = scene(t);
      const server = await startExample(here, { args: [config(here)] });
      const url = `http://127.0.0.1:${server.port}`;
      const { page, errors } = await browser.open(url, {
        size,
        prepare: (it) => it.routeWebSocket(/\/ws$/, worse),
      });
      await page.locator('#p-a [data-do=start]').click();
      await says(page, '#p-a .growth', /^2\.5 MiB\/min$/);
      await says(page, '#p-a .pressure', /^The file system was full at \d\d:\d\d:\d\d \(ENOSPC\)\.$/);
      assert.equal(
        await page.locator('#room [data-state=failed]').first().textContent(),
        '/r: 1.0 GiB of 100.0 GiB free',
      );
      await says(page, '#room [data-state=failed]', /^\/i: .* free, 1% of the inodes$/);
      assert.ok(await isNarrow(page), 'nothing sticks out');
      await page.locator('#others button').click();
      await says(
        page,
        '#delete .work',
        /^worktree \/r\/x\/tmp\/fix goes with it; to save it: git worktree move$/,
      );
      // It is on no disk.
      await page.locator('#delete').getByRole('button', { name: 'Delete' }).click();
      await says(page, '#deleted', /^abcdefgh: it is gone already$/);
      await server.shut();
      await here.nothingLeftSoon();
      assert.deepEqual(errors, []);
      await page.close();
    });
  }
});

/** What takes a minute, a full disk or somebody's work to be said. */
function worse(page: WebSocketRoute): void {
  const server = page.connectToServer();
  const GIB = 1024 ** 3;
  const room = { root: '/r', bytesFree: GIB, bytesTotal: 100 * GIB, inodesFree: 0, inodesTotal: 0 };
  const noInodes = { ...room, root: '/i', bytesFree: 50 * GIB, inodesFree: 1, inodesTotal: 100 };
  const work = [{ path: '/r/x/tmp/fix', kind: 'worktree', save: 'git worktree move' }];
  const users = { line: '', each: [] };
  const other = {
    id: 'abcdefgh',
    label: null,
    state: 'kept',
    reason: 'worktree',
    bytes: 1,
    growth: null,
    users,
    work,
  };
  server.onMessage((data) => {
    const message = JSON.parse(String(data));
    if (message.type !== 'state') return page.send(data);
    for (const { session } of message.agents)
      if (session)
        Object.assign(session, { growth: 2.5 * 1024 ** 2, lastPressure: { code: 'ENOSPC', at: new Date() } });
    page.send(JSON.stringify({ ...message, headroom: [room, noInodes], others: [other] }));
  });
}
