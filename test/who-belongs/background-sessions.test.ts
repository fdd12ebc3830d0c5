// Claude's background sessions, whose commands run below the daemon of their person: who came first, who is wrapped, who quits. What
// one terminal does never ends another's work or takes its TMPDIR, and who asked under qw-run is told that the commands are not there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { argsOf, daemonScene, likeThis, tmpOf } from '../helpers/belongs.js';
import { qwExec } from '../helpers/paths.js';
import { isAlive, kill } from '../helpers/processes.js';
import type { Scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';
import { type Made, type OpenedTerminal, type Person, personIn, wrapped } from '../helpers/with-daemon.js';

const DAEMON = / daemon run /;
const OF_DAEMON = / (daemon run|--bg-pty-host|--session-id) /;
const TOLD = /^qw-run: claude --bg runs its commands in the daemon that all its terminals share[^\n]*$/gm;

interface Background {
  port: number;
  made: Made;
}

function claudeOf(t: TestContext, here: Scene, more: NodeJS.ProcessEnv = {}) {
  const person = personIn(t, here, more);
  const program = person.install('claude', '2.1.332');
  const words = (letter: string, ...args: string[]) =>
    letter === 'W' ? wrapped(program, ...args) : [program, ...args];
  return { person, words };
}

/** `claude --bg`, to its end: the session goes on. */
async function background(person: Person, words: string[]): Promise<Background> {
  const terminal = await person.open(words);
  const port = await portIn(terminal);
  assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: 0 }, terminal.screen());
  const isWrapped = words[0] === process.execPath;
  const told = terminal.screen().replaceAll('\r', '').match(TOLD) ?? [];
  assert.equal(told.length, isWrapped ? 1 : 0, terminal.screen());
  return { port, made: await run(port) };
}

async function portIn(terminal: OpenedTerminal): Promise<number> {
  await terminal.shows(/session \d+ end/);
  return Number(/session (\d+) end/.exec(terminal.screen())?.[1]);
}

/** Has a background session run a command. */
async function run(port: number): Promise<Made> {
  const line = await answerAt(port);
  const [, tmpdir = '', file = '', pid] = /made (\S+) (\S+) (\d+) end/.exec(line) ?? [];
  return { tmpdir, file, pid: Number(pid) };
}

const answerAt = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    connect(port, '127.0.0.1')
      .on('error', reject)
      .once('data', (line) => resolve(String(line)));
  });

/** Its commands live, and a further one can make a file where the person's own things go. */
async function isWell({ port, made }: Background, tmpdir: string): Promise<void> {
  assert.ok(isAlive(made.pid));
  for (const one of [made, await run(port)])
    assert.deepEqual([one.tmpdir, dirname(one.file), existsSync(one.file)], [tmpdir, tmpdir, true]);
}

describe('background sessions of Claude go on, with a TMPDIR that stays:', { concurrency: 2 }, () => {
  for (const order of ['WU', 'UW', 'WW'])
    test(`${order}, each by claude --bg`, async (t) => {
      const here = daemonScene(t);
      const { person, words } = claudeOf(t, here);
      const all: Background[] = [];
      for (const letter of order) all.push(await background(person, words(letter, '--bg', 'hi')));
      assert.deepEqual(here.box.left(), []);
      for (const one of all) await isWell(one, person.tmpdir);
      assert.equal((await likeThis(here, DAEMON)).length, 1);
    });

  for (const order of ['bg first', 'terminal first'])
    for (const letters of ['WU', 'UW', 'WW'])
      test(`${letters}: claude --bg and a terminal, ${order}; the terminal quits`, async (t) => {
        const here = daemonScene(t);
        const { person, words } = claudeOf(t, here);
        const [ofBg = '', ofTerminal = ''] = order === 'bg first' ? letters : [...letters].reverse();
        const inBg = () => background(person, words(ofBg, '--bg', 'hi'));
        const early = order === 'bg first' ? await inBg() : undefined;
        const terminal = await person.open(words(ofTerminal));
        const one = early ?? (await inBg());
        const own = await terminal.go();
        if (ofTerminal === 'U') assert.equal(own.tmpdir, person.tmpdir);
        else assert.equal(dirname(dirname(own.tmpdir)), here.box.root);
        await isWell(one, person.tmpdir);
        await terminal.quit();
        if (ofTerminal === 'W') assert.ok(!isAlive(own.pid));
        await isWell(one, person.tmpdir);
        assert.deepEqual(here.box.left(), []);
      });
});

test("a wrapped terminal whose command starts the daemon: what is another terminal's goes on when it quits", async (t) => {
  const here = daemonScene(t);
  const { person, words } = claudeOf(t, here);
  const terminal = await person.open(words('W'));
  terminal.type('bg\r');
  const inside = await run(await portIn(terminal));
  const own = await terminal.go();
  const other = await person.open(words('U', '--bg', 'hi'));
  const theirs = await run(await portIn(other));
  await terminal.quit();
  assert.deepEqual(
    [own, inside, theirs].map(({ pid }) => isAlive(pid)),
    [false, true, true],
    terminal.screen(),
  );
  assert.equal((await likeThis(here, DAEMON)).length, 1);
});

/** A further session, or one started anew. */
async function again(here: Scene): Promise<Background> {
  const note = readFileSync(join(here.options.env['HOME'] as string, 'claude.note'), 'utf8');
  const said = await answerAt(Number(note));
  assert.match(said, /^\d+$/);
  return { port: Number(said), made: await run(Number(said)) };
}

/** What hooks said when a session began. */
function toldIn({ options }: Scene): string[] {
  const file = join(options.env['HOME'] as string, 'claude.told');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

/** With a hook, and so with a `--settings` of ours. */
const TOLD_OF_A_FULL_DISK = { QW_TELL: '' };

describe('a wrapped terminal goes on in the background, and is gone:', { concurrency: 2 }, () => {
  for (const mode of ['qw-run', 'qw-exec'] as const)
    test(`${mode}, which started the daemon: TMPDIR stays for all as long as that`, async (t) => {
      const here = daemonScene(t);
      const { person, words } = claudeOf(t, here, TOLD_OF_A_FULL_DISK);
      const terminal = await person.open(mode === 'qw-run' ? words('W') : [qwExec, ...words('U')]);
      terminal.type('leave\r');
      const port = await portIn(terminal);
      await terminal.ends();
      if (mode === 'qw-run') assert.match(terminal.screen(), /^qw-run: \S+ stays while it is in use by /m);
      const [id = ''] = here.box.left();
      const tmpdir = tmpOf(here, id);
      const all = [{ port, made: await run(port) }, await again(here)];
      const other = await person.open(words('U', '--bg', 'hi'));
      const theirs = await portIn(other);
      all.push({ port: theirs, made: await run(theirs) });
      for (const one of all) await isWell(one, tmpdir);
      assert.deepEqual(toldIn(here), []);
      assert.deepEqual(here.box.left(), [id]);
      for (const pid of here.processes().filter((one) => OF_DAEMON.test(argsOf(one)))) kill(pid, 'SIGKILL');
      for (const { made } of all) kill(made.pid, 'SIGKILL');
      await waitUntil('its TMPDIR goes', () => here.box.left().length === 0);
    });

  test("to a daemon of its person's: it is told, and can be started anew, in their TMPDIR", async (t) => {
    const here = daemonScene(t);
    const { person, words } = claudeOf(t, here, TOLD_OF_A_FULL_DISK);
    const first = await background(person, words('U', '--bg', 'hi'));
    const terminal = await person.open(words('W'));
    const { tmpdir } = await terminal.go();
    assert.deepEqual(toldIn(here), []);
    terminal.type('leave\r');
    const port = await portIn(terminal);
    await terminal.ends();
    assert.deepEqual(here.box.left(), []);
    for (const one of [first, { port, made: await run(port) }, await again(here)])
      await isWell(one, person.tmpdir);
    const told = toldIn(here);
    assert.equal(told.length, 2, 'at its beginning there, and when it is started anew');
    for (const line of told) assert.ok(line.includes(`do not get TMPDIR "${tmpdir}"`), line);
  });
});
