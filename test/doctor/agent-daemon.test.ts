// Which daemon of Claude doctor names: one of this user that runs outside of any session. With the stand-in of its background sessions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileNamed } from '#src/backends/profiles.js';
import { hostsOf, outsideDaemon } from '#src/doctor/agent-daemon.js';
import { daemonScene } from '../helpers/belongs.js';
import { personIn } from '../helpers/with-daemon.js';

test('daemon and hosts are found, with the TMPDIR that they give to others', async (t) => {
  const here = daemonScene(t);
  const person = personIn(t, here);
  const terminal = await person.open([person.install('claude', '2.1.332'), '--bg', 'hi']);
  await terminal.shows(/session \d+ end/);
  await terminal.ends();
  // Others may run at the same time, of other tests and of whoever runs them.
  const own = hostsOf(profileNamed('claude')).filter(({ tmpdir }) => tmpdir === person.tmpdir);
  assert.ok(own.length >= 2);
  assert.deepEqual(outsideDaemon(own), { pid: own[0]?.pid, tmpdir: person.tmpdir });
});

test('none that a wrapped terminal started, none with our launcher, none of other agents', () => {
  const host = (pid: number, isInSession: boolean) => ({ pid, tmpdir: null, isInSession });
  assert.equal(outsideDaemon([]), null);
  assert.equal(outsideDaemon([host(7, true), host(8, true)]), null);
  assert.equal(outsideDaemon([host(7, false), host(8, true)]), null);
  assert.deepEqual(hostsOf(profileNamed('codex')), []);
});
