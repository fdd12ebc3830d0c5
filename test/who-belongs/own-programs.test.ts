// A name proves nothing: a program of the session's own, in T or where it works, is its member whatever it is called. Nor does a TMPDIR
// that a login shell has set take anybody out of it.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { daemonScene, named } from '../helpers/belongs.js';
import { agentThat, CODE, nameOf } from '../helpers/leaving-agent.js';
import { isAlive } from '../helpers/processes.js';
import { program } from '../helpers/programs.js';
import { killed, put } from '../helpers/reaping.js';
import { waitUntil } from '../helpers/wait-until.js';

const SCRIPT = `#!/bin/sh\\necho "ready $$ "\\nexec >/dev/null 2>&1\\nsleep 600 & wait\\n`;

describe('a program of its own, whatever its name, is ended with the session:', { concurrency: 2 }, () => {
  for (const name of ['code', 'foot', 'tmux', 'watchman'])
    for (const where of ['$TMPDIR', '$PWD'])
      test(`${name}, a script in ${where}`, async (t) => {
        const here = daemonScene(t);
        const make = `mkdir "${where}/bin"; printf '${SCRIPT}' >"${where}/bin/${name}"`;
        const start = `chmod +x "${where}/bin/${name}"; setsid "${where}/bin/${name}" &`;
        const { pid, leave } = await agentThat(here, [], `${make}; ${start}`);
        const { code, stderr } = await leave();
        assert.equal(code, CODE);
        assert.ok(!isAlive(pid), stderr);
        named(stderr, pid);
        here.nothingLeft(where === '$PWD' ? ['bin'] : []);
      });

  for (const where of ['$TMPDIR', '$PWD'])
    test(`foot, a binary in ${where}`, async (t) => {
      const here = daemonScene(t);
      copyFileSync('/bin/sleep', join(here.box.dir, 'sleep'));
      const start = `cp ../sleep "${where}/foot"; setsid "${where}/foot" 600 >/dev/null 2>&1 & echo "ready $! "`;
      const { pid, leave } = await agentThat(here, [], start);
      await waitUntil('its exec is done', () => nameOf(pid) === 'foot');
      const { code, stderr } = await leave();
      assert.equal(code, CODE);
      assert.ok(!isAlive(pid), stderr);
      here.nothingLeft(where === '$PWD' ? ['foot'] : []);
    });
});

test('the same name elsewhere is spared', async (t) => {
  const here = daemonScene(t);
  const { pid, leave } = await agentThat(here, [], `setsid "${program(here, 'foot')}" &`);
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(isAlive(pid), stderr);
  named(stderr, pid);
  for (const one of here.processes()) await killed(one);
  await here.nothingLeftSoon();
});

test('a login shell that sets another TMPDIR: what it leaves is ended, and named', async (t) => {
  const here = daemonScene(t);
  const elsewhere = join(here.box.dir, 'elsewhere');
  mkdirSync(elsewhere);
  put(join(here.box.dir, 'home/.bash_profile'), `export TMPDIR=${elsewhere}`);
  put(
    join(here.box.dir, 'stay'),
    'echo "ready $$ "; echo "$TMPDIR" >~/tmpdir; exec sleep 600 >/dev/null 2>&1',
  );
  const { pid, leave } = await agentThat(here, [], `bash -lc 'setsid sh ../stay &'`);
  await waitUntil('its exec is done', () => nameOf(pid) === 'sleep');
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  assert.ok(!isAlive(pid), stderr);
  named(stderr, pid);
  here.nothingLeft();
});
