// Two terminals of an agent whose daemon runs the commands of all: who begins, who is wrapped, who quits.
// Quitting one never touches the other's work, and a wrapped one's commands have its TMPDIR, or its user is
// told that they have not.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { daemonScene, likeThis } from '../helpers/belongs.js';
import { isAlive, kill } from '../helpers/processes.js';
import type { Scene } from '../helpers/scene.js';
import { type Made, type OpenedTerminal, personIn, wrapped } from '../helpers/with-daemon.js';

const VERSIONS = { codex: '0.171.0', cline: '3.0.65' };
const DAEMON = /--managed-daemon|--pathname \/hub/;
const SHARES = /^qw-run: \w+ runs its commands in the daemon that all its terminals share[^\n]*$/gm;

interface Seat {
  isWrapped: boolean;
  terminal: OpenedTerminal;
  made: Made[];
}

async function seated(
  t: TestContext,
  here: Scene,
  kind: keyof typeof VERSIONS,
  order: string,
  flags: string[] = [],
) {
  const person = personIn(t, here);
  const program = person.install(kind, VERSIONS[kind]);
  const seats: Seat[] = [];
  for (const letter of order) {
    const isWrapped = letter === 'W';
    const terminal = await person.open(isWrapped ? wrapped(...flags, program) : [program]);
    // The second one comes when a hub is there.
    seats.push({ isWrapped, terminal, made: [await terminal.go(), await terminal.go()] });
  }
  return { person, seats: seats as [Seat, Seat] };
}

/** Each command of theirs ran where it should, and could make a file there. */
function isRight(here: Scene, own: string, { isWrapped, made }: Seat): string {
  const [{ tmpdir } = { tmpdir: '' }] = made;
  if (isWrapped) assert.equal(dirname(dirname(tmpdir)), here.box.root);
  else assert.equal(tmpdir, own);
  for (const one of made) assert.deepEqual([one.tmpdir, dirname(one.file)], [tmpdir, tmpdir]);
  return tmpdir;
}

for (const kind of ['codex', 'cline'] as const)
  describe(`two terminals of ${kind}, each with its own commands:`, { concurrency: 2 }, () => {
    for (const order of ['WU', 'UW', 'WW'])
      for (const first of [0, 1] as const)
        test(`${order}, ${first === 0 ? 'first' : 'second'} quits first`, async (t) => {
          const here = daemonScene(t);
          const { person, seats } = await seated(t, here, kind, order);
          const places = seats.map((seat) => isRight(here, person.tmpdir, seat));
          const [goes, stays] = first === 0 ? seats : [seats[1], seats[0]];
          await goes.terminal.quit();
          if (goes.isWrapped) {
            assert.ok(!existsSync(places[first] as string));
            for (const { pid } of goes.made) assert.ok(!isAlive(pid), goes.terminal.screen());
          }
          for (const { pid } of stays.made) assert.ok(isAlive(pid), goes.terminal.screen());
          stays.made.push(await stays.terminal.go());
          isRight(here, person.tmpdir, stays);
          await stays.terminal.quit();
          assert.deepEqual(here.box.left(), []);
          for (const { terminal } of seats) assert.doesNotMatch(terminal.screen(), SHARES);
          if (order !== 'WW') assert.equal((await likeThis(here, DAEMON)).length, 1);
        });
  });

describe('--daemon shared: told once, and nothing of the session is in the daemon', {
  concurrency: 2,
}, () => {
  for (const kind of ['codex', 'cline'] as const)
    for (const order of ['WU', 'UW'])
      test(`${kind}, ${order}`, async (t) => {
        const here = daemonScene(t);
        const { person, seats } = await seated(t, here, kind, order, ['--daemon', 'shared']);
        for (const seat of seats) isRight(here, person.tmpdir, { ...seat, isWrapped: false });
        const [goes, stays] = order === 'WU' ? seats : [seats[1], seats[0]];
        await goes.terminal.quit();
        for (const { pid } of stays.made) assert.ok(isAlive(pid));
        stays.made.push(await stays.terminal.go());
        isRight(here, person.tmpdir, { ...stays, isWrapped: false });
        const told = goes.terminal.screen().replaceAll('\r', '').match(SHARES) ?? [];
        assert.deepEqual([told.length, here.box.left()], [1, []], goes.terminal.screen());
        await stays.terminal.quit();
      });
});

test('a daemon that dies while the session ends', async (t) => {
  const here = daemonScene(t);
  const { seats } = await seated(t, here, 'codex', 'UW');
  const [daemon = 0] = await likeThis(here, DAEMON);
  kill(daemon, 'SIGSTOP');
  seats[1].terminal.type('quit\r');
  kill(daemon, 'SIGKILL');
  assert.deepEqual(await seats[1].terminal.ends(), { exitCode: 0, signal: 0 });
  assert.deepEqual(here.box.left(), []);
  await seats[0].terminal.quit();
});

for (const kind of ['codex', 'cline'] as const)
  test(`${kind}: where a daemon was, and is not any more`, async (t) => {
    const here = daemonScene(t);
    const person = personIn(t, here);
    writeFileSync(join(here.options.env['HOME'] as string, `${kind}.note`), '9'); // nobody listens there
    const terminal = await person.open(wrapped(person.install(kind, VERSIONS[kind])));
    const seat: Seat = { isWrapped: true, terminal, made: [await terminal.go(), await terminal.go()] };
    isRight(here, person.tmpdir, seat);
    await terminal.quit();
    here.nothingLeft();
  });

test('two versions of Codex at once: the old one is not given a flag it does not know', async (t) => {
  const here = daemonScene(t);
  const { person, seats } = await seated(t, here, 'codex', 'WU');
  const old = personIn(t, { ...here, box: { ...here.box, dir: here.box.cwd } }, { OLD_AGENT: '1' });
  const terminal = await old.open(wrapped(old.install('codex', '0.155.1')));
  assert.doesNotMatch(terminal.screen(), /qw-run: /);
  await terminal.quit();
  for (const seat of seats) {
    seat.made.push(await seat.terminal.go());
    isRight(here, person.tmpdir, seat);
    await seat.terminal.quit();
  }
});

test('a version that cannot be told: started as it is, and told', async (t) => {
  const here = daemonScene(t);
  const person = personIn(t, here, { OLD_AGENT: '1' });
  const program = person.install('codex', '');
  const terminal = await person.open(wrapped(program));
  assert.match(terminal.screen(), /^qw-run: cannot tell which version of codex starts here[^\n]*$/m);
  await terminal.quit();
  here.nothingLeft();
});
