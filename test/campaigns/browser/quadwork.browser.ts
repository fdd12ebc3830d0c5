// The example server as a person uses it: a page in a real browser, four agents that behave badly. Whatever is clicked, typed,
// cut or killed, the page tells what is true of the processes and of the disk. `npm run test:browser` runs it.
import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { AGENTS, startExample } from '../../helpers/example-server.js';
import { isAlive } from '../../helpers/processes.js';
import { ids, killed, openOwnerless } from '../../helpers/reaping.js';
import { scene } from '../../helpers/scene.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { type Browser, noBrowser, startBrowser } from './browser.js';
import { lineTo } from './cut-line.js';

/** One agent's part of the page. */
interface Card {
  says(state: string): Promise<void>;
  click(what: 'start' | 'stop' | 'restart'): Promise<void>;
  text(what: 'id' | 'disk-state' | 'size' | 'entries' | 'note'): Promise<string>;
  /** Waits until its terminal shows that. */
  shows(text: string | RegExp): Promise<void>;
  screen: Locator;
}

const cardOf = (page: Page, key: string): Card => {
  const card = page.locator(`#${key.replace('/', '-')}`);
  const screen = card.locator('.xterm-rows');
  const text = async (what: string) => (await card.locator(`.${what}`).textContent()) ?? '';
  const until = async (what: string, read: () => Promise<string | null>, wanted: string | RegExp) => {
    let last: string | null = '';
    const isThere = async () => {
      last = await read();
      return typeof wanted === 'string' ? last === wanted : wanted.test(last ?? '');
    };
    await waitUntil(`${key}: ${what} ${wanted}`, isThere).catch((error: Error) => {
      throw new Error(`${error.message}; it was ${JSON.stringify(last)}`);
    });
  };
  return {
    says: (state) => until('state', () => text('state'), state),
    click: (what) => card.locator(`[data-do=${what}]`).click(),
    text,
    shows: (wanted) =>
      until('terminal', () => screen.innerText(), typeof wanted === 'string' ? new RegExp(wanted) : wanted),
    screen,
  };
};
const cardsOf = (page: Page) => AGENTS.map((key) => cardOf(page, key));
const idsOn = async (page: Page) => Promise.all(cardsOf(page).map((card) => card.text('id')));
const connection = (page: Page, state: string) =>
  waitUntil(`the page says ${state}`, async () =>
    ((await page.locator('#connection').textContent()) ?? '').startsWith(state),
  );
const startAll = async (page: Page) => {
  for (const card of cardsOf(page)) await card.click('start');
  for (const card of cardsOf(page)) await card.says('running');
};
/** Of its whole session. */
const entriesOf = (tmpdir: string) => readdirSync(dirname(tmpdir), { recursive: true }).length;

describe('the page of the example server', { skip: noBrowser() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  test('start four, stop two, SIGKILL the server, start it again: the page tells the truth, the disk is clean', async (t) => {
    const here = scene(t);
    const server = await startExample(here);
    const { page, errors } = await browser.open(`http://127.0.0.1:${server.port}`);
    await connection(page, 'connected');
    for (const card of cardsOf(page)) await card.says('stopped');
    await startAll(page);
    const [litter, output, daemons, stubborn] = cardsOf(page) as [Card, Card, Card, Card];

    for (const card of [litter, output, daemons, stubborn]) {
      const tmpdir = await card.text('note');
      assert.equal(tmpdir, join(here.box.root, await card.text('id'), 'tmp'));
      await card.shows(/command \d+:/);
      await waitUntil(`${tmpdir} is live`, async () => (await card.text('disk-state')) === 'live');
    }
    const number = async (card: Card) => Number(await card.text('entries'));
    const before = await number(litter);
    await waitUntil('the entries grow', async () => (await number(litter)) > before);
    await waitUntil('the size grows', async () => /MiB/.test(await output.text('size')));
    const shown = await number(litter);
    assert.ok(entriesOf(await litter.text('note')) >= shown, 'no more than there is');

    for (const card of [litter, daemons]) {
      await card.click('stop');
      await card.says('stopped');
      assert.match(await card.text('note'), /^stopped; ended .+; TMPDIR removed$/);
      assert.equal(await card.text('id'), '–');
    }
    const running = [await output.text('id'), await stubborn.text('id')];
    assert.deepEqual(here.box.left().sort(), [...running].sort());

    const held = openSync(join(await stubborn.text('note')), 'r'); // somebody looks into it when the server dies
    await killed(server.process.pid);
    await connection(page, 'disconnected');
    const again = await startExample(here, { port: server.port });
    await connection(page, 'connected');
    for (const card of cardsOf(page)) await card.says('stopped');
    const others = page.locator('#others tbody tr');
    await waitUntil('the one that is looked into is the only one left', async () => {
      const [id, state, label, , , usedBy = ''] = await others.locator('td').allTextContents();
      const isShown = `${id} ${state} ${label}` === `${running[1]} held (in-use) docs/dev`;
      return isShown && /^nodenode \(\d+, holder: /.test(usedBy) && (await others.count()) === 1;
    });
    await waitUntil('so it is on the disk', () => here.box.left().join() === running[1]);
    assert.deepEqual(here.processes(), [again.process.pid]);
    closeSync(held);
    await waitUntil('then it goes too', async () => (await others.count()) === 0);
    await waitUntil('the disk is clean', () => here.box.left().length === 0);

    await startAll(page); // and it works on
    await again.shut();
    await connection(page, 'disconnected');
    await here.nothingLeftSoon();
    assert.deepEqual(errors, []);
    await page.close();
  });

  test('restart, reset and full reset renew the sessions they should; the reaper tells what it did', async (t) => {
    const here = scene(t);
    const lost = await openOwnerless(
      here,
      'head -c 3000000 /dev/zero > "$TMPDIR/x"; echo "ready $$ "; exec sleep 600',
    );
    await killed(lost.agent);
    const server = await startExample(here);
    const { page, errors } = await browser.open(`http://127.0.0.1:${server.port}`);
    const report = async () => (await page.locator('#reaper').textContent()) ?? '';
    await waitUntil('the report of the pass at boot', async () =>
      /: 1 sessions removed.* 2\.9 MiB freed/.test(await report()),
    );
    assert.ok(!existsSync(lost.tmpdir));

    await startAll(page);
    let last = await idsOn(page);
    const renewed = async (click: () => Promise<void>, count: number) => {
      await click();
      await waitUntil(`${count} sessions are new`, async () => {
        const now = await idsOn(page);
        return (
          now.every((id) => id !== '–') && now.filter((id, index) => id !== last[index]).length === count
        );
      });
      const now = await idsOn(page);
      assert.deepEqual(ids(here.box).sort(), [...now].sort(), 'on the disk as on the page');
      const which = AGENTS.filter((_key, index) => now[index] !== last[index]);
      last = now;
      return which;
    };
    assert.deepEqual(await renewed(() => cardOf(page, 'shop/dev').click('restart'), 1), ['shop/dev']);
    const reset = page.locator('#project-docs .reset');
    assert.deepEqual(await renewed(() => reset.click(), 2), ['docs/head', 'docs/dev']);
    const before = await report();
    assert.deepEqual(await renewed(() => page.locator('#full-reset').click(), 4), AGENTS);
    await waitUntil('a new report', async () => (await report()) !== before);
    await server.shut();
    await here.nothingLeftSoon();
    assert.deepEqual(errors, []);
    await page.close();
  });

  test('a broken connection comes back by itself, and the terminal has what was said meanwhile', async (t) => {
    const here = scene(t);
    const server = await startExample(here);
    const line = await lineTo(t, server.port);
    const { page, errors } = await browser.open(`http://127.0.0.1:${line.port}`);
    const card = cardOf(page, 'shop/dev');
    await card.click('start');
    await card.shows(/command 1:/);
    const id = await card.text('id');
    line.cut();
    await connection(page, 'disconnected');
    const { tmpdir = '' } = (await server.state()).agents[1]?.session ?? {};
    const bytes = async () => (await server.state()).agents[1]?.session?.bytes ?? 0;
    const then = await bytes();
    await waitUntil('the agent works on', async () => (await bytes()) > then + 1_000_000);
    line.mend();
    await connection(page, 'connected');
    await card.shows(/command 1:.*command 2:.*command 3:.*command 4:.*command 5:/s);
    assert.equal((await card.screen.innerText()).split('command 1:').length, 2, 'nothing is there twice');
    assert.deepEqual([await card.text('id'), await card.text('note')], [id, tmpdir]);
    await server.shut();
    await here.nothingLeftSoon();
    assert.deepEqual(errors, []);
    await page.close();
  });

  test('what is typed reaches the agent: Ctrl-C ends it, and the page says so', async (t) => {
    const here = scene(t);
    const server = await startExample(here);
    const { page, errors } = await browser.open(`http://127.0.0.1:${server.port}`);
    const card = cardOf(page, 'docs/head');
    await card.click('start');
    await card.shows(/command 3: left a server running/);
    const agents = here.processes().filter((pid) => pid !== server.process.pid);
    await page.locator('#docs-head .xterm-screen').click();
    await page.keyboard.press('Control+c');
    await card.says('stopped');
    assert.match(await card.text('note'), /^(killed by signal 2|exit 130); ended .+; TMPDIR removed$/);
    assert.ok(agents.length > 3 && !agents.some(isAlive));
    await server.shut();
    await here.nothingLeftSoon();
    assert.deepEqual(errors, []);
    await page.close();
  });
});
