// Options in every shape that JavaScript allows: those that a class gives by getters or a prototype count as own ones do, and what is no
// instance of ours (a logger that is a function, a signal of another realm) is taken for what it does.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { openSession, type ReaperOptions, removeSession, runAgent, startReaper } from 'qw-run';
import { agentIn, opened } from './helpers/opened.js';
import { forge, identityOf, leaseOf, realm } from './helpers/reaping.js';
import { type Scene, scene } from './helpers/scene.js';

/** None of them is an own property. */
const inherited = (options: object): object => Object.create(options);
const given = (options: object): object => {
  class Given {}
  for (const [name, value] of Object.entries(options))
    Object.defineProperty(Given.prototype, name, { get: () => value });
  return new Given();
};

/** One pass of this server's: what was left for it goes, unless `more` says otherwise. */
async function reaped({ box }: Scene, more: object): Promise<string[]> {
  forge(box, 'dead1234', { lease: leaseOf('dead1234') });
  const own: ReaperOptions = { env: box.env, legacy: false }; // whatever happens, not on the machine's own places
  const reaper = startReaper(Object.assign(more, own));
  await reaper.first;
  reaper.stop();
  return box.left();
}

for (const [of, made] of [
  ['a prototype', inherited],
  ['a class', given],
] as const)
  describe(`of ${of}`, { concurrency: 2 }, () => {
    test('startReaper({ enabled: false }) runs no pass, { dryRun: true } removes nothing', async (t) => {
      assert.deepEqual(await reaped(scene(t), made({ enabled: true })), []);
      assert.deepEqual(await reaped(scene(t), made({ enabled: false })), ['dead1234']);
      assert.deepEqual(await reaped(scene(t), made({ dryRun: true })), ['dead1234']);
    });

    test('end({ keep: true }) keeps', async (t) => {
      const here = scene(t);
      const session = await opened(t, here);
      assert.equal((await session.end(made({ keep: true }))).state, 'kept');
      assert.deepEqual(here.box.left(), [session.id]);
    });

    test('runAgent({ root }) opens its session there', async (t) => {
      const here = scene(t);
      const root = `${here.box.dir}/other`;
      const { session, result } = await runAgent('true', [], made({ root, env: here.options.env }));
      await result;
      assert.equal(dirname(session.dir), root);
    });

    test("removeSession({ force: 'false' }) is refused: nobody is ended", async (t) => {
      const { box } = scene(t);
      const owner = { ...identityOf(process.pid), ...realm(), uid: process.getuid?.() };
      forge(box, 'live1234', { lease: leaseOf('live1234', { owner }) });
      const options = Object.assign(made({ force: 'false' }), { env: box.env });
      await assert.rejects(removeSession('live1234', options), { code: 'ERR_QW_USAGE' });
      assert.deepEqual(box.left(), ['live1234']);
    });
  });

test('a logger that is a function with methods hears of the reaper', async (t) => {
  const lines: string[] = [];
  const hear = (line: string) => void lines.push(line);
  assert.deepEqual(
    await reaped(scene(t), { logger: Object.assign(() => {}, { info: hear, warn: hear }) }),
    [],
  );
  assert.match(lines.join('\n'), /^qw-run: reaped 1 sessions/);
});

describe('a signal of another realm', () => {
  const DEAF = `trap '' TERM; echo ready; while :; do sleep 600; done`;

  test('is heard by openSession(), aborted before it and during it', async (t) => {
    const here = scene(t);
    const { signal, abort } = foreign();
    const opening = openSession({ env: here.box.env, signal });
    abort();
    await assert.rejects(opening, { code: 'ERR_QW_ABORTED' });
    await assert.rejects(openSession({ env: here.box.env, signal }), { code: 'ERR_QW_ABORTED' });
    await here.nothingLeftSoon();
  });

  test('hurries end()', async (t) => {
    const here = scene(t);
    const session = await opened(t, here, { grace: '1h' });
    const { pid } = await agentIn(here, session, DEAF);
    const { signal, abort } = foreign();
    const ending = session.end({ hurry: signal });
    abort();
    const { state, ended } = await ending;
    assert.equal(state, 'removed');
    assert.ok(ended.some((one) => one.pid === pid));
    here.nothingLeft();
  });
});

/** As a polyfill makes them. */
function foreign(): { signal: AbortSignal; abort(): void } {
  const made = runInNewContext(`
    const heard = new Set();
    const signal = {
      aborted: false,
      addEventListener: (_, listener) => heard.add(listener),
      removeEventListener: (_, listener) => heard.delete(listener),
    };
    const abort = () => {
      signal.aborted = true;
      for (const listener of heard) listener.handleEvent ? listener.handleEvent() : listener();
    };
    ({ signal, abort });
  `);
  assert.ok(!(made.signal instanceof Object));
  return made;
}
