// TMPDIR beside a spared program: never emptied under it. It stays whole while a program that runs commands for people lives, or
// anybody has something open there; a helper with nothing open does not hold it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { childrenOf } from '../helpers/cli.js';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { states } from '../helpers/listed.js';
import { isAlive } from '../helpers/processes.js';
import { program } from '../helpers/programs.js';
import { killed, picture } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const FILL = 'mkdir -p "$TMPDIR/a/b" && echo work > "$TMPDIR/a/b/work" && echo work > "$TMPDIR/.work"';
const tmpOf = ({ box }: Scene, id: string) => join(box.root, id, 'tmp');
const ready = async (pid: number) =>
  (await waitUntil('its child is there', () =>
    childrenOf(pid).length ? childrenOf(pid) : null,
  )) as number[];

describe('a spared program', { concurrency: 4 }, () => {
  test('that runs commands for people: T stays whole until it goes', async (t) => {
    const here = scene(t);
    const script = `${FILL}; mkdir "$TMPDIR/door" && mkfifo "$TMPDIR/door/fifo" && touch "$TMPDIR/door/file"
      setsid "${program(here, 'tmux')}" &`;
    const { pid, id, leave } = await agentThat(here, [], script);
    const all = [pid, ...(await ready(pid))];
    const before = picture(tmpOf(here, id));
    assert.equal((await leave()).code, CODE);
    assert.deepEqual(picture(tmpOf(here, id)), before);
    assert.deepEqual(await states(here), [`${id} held`]);
    assert.ok(all.every(isAlive));
    for (const one of all) await killed(one);
    await here.nothingLeftSoon();
  });

  for (const [what, first] of [
    ['a file open in', 'exec 3>"$TMPDIR/held"'],
    ['its working directory in', 'cd "$TMPDIR/a"'],
  ] as const) {
    test(`with ${what} T: T stays whole until it goes`, async (t) => {
      const here = scene(t);
      const script = `${FILL}; setsid "${program(here, 'gpg-agent', first)}" &`;
      const { pid, id, leave } = await agentThat(here, [], script);
      const all = [pid, ...(await ready(pid))];
      const before = picture(tmpOf(here, id));
      const { code, stderr } = await leave();
      assert.equal(code, CODE);
      assert.match(stderr, /^qw-run: [^\n]+\n$/);
      assert.ok(stderr.includes(tmpOf(here, id)), stderr);
      assert.deepEqual(picture(tmpOf(here, id)), before);
      assert.deepEqual(await states(here), [`${id} held`]);
      for (const one of all) await killed(one);
      await here.nothingLeftSoon();
    });
  }

  test('beside somebody else who holds a file in T: T stays whole', async (t) => {
    const here = scene(t);
    const holder = `env -u QW_SESSION TMPDIR=/ setsid sh -c 'exec 3>"$HELD"; echo holding; exec sleep 600 >/dev/null 2>&1'`;
    const script = `${FILL}; HELD="$TMPDIR/held" ${holder} & setsid "${program(here, 'gpg-agent')}" &`;
    const { pid, id, wrapper, leave } = await agentThat(here, [], script);
    await wrapper.says('holding');
    await ready(pid);
    const before = picture(tmpOf(here, id));
    assert.equal((await leave()).code, CODE);
    assert.deepEqual(picture(tmpOf(here, id)), before);
    for (const one of here.processes()) await killed(one);
    await here.nothingLeftSoon();
  });
});
