// A session that is held after its end remembers the session id (setsid) of its dead agent. A stranger's daemon may get that number: what
// it leaves behind has the same session id, and is a stranger all the same.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { beside, daemonScene, tmpOf } from '../helpers/belongs.js';
import { start } from '../helpers/cli.js';
import { outsider } from '../helpers/outsider.js';
import { fixture } from '../helpers/paths.js';
import { inPidNamespace } from '../helpers/pid-one.js';
import { isAlive, kill } from '../helpers/processes.js';
import { ids, killed, put } from '../helpers/reaping.js';
import { readyPid } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const skip = inPidNamespace(import.meta.url);

/** Gets that pid, leads a session, leaves a child in it, which it names, and exits. */
const DAEMON = `use POSIX; my ($wanted, $last) = (shift, '/proc/sys/kernel/ns_last_pid');
for (1 .. 10_000) {
  open(my $f, '>', $last) or die "$last: $!"; print $f $wanted - 1; close $f;
  my $pid = fork() // die;
  if (!$pid) {
    exit 0 if $$ != $wanted;
    POSIX::setsid();
    my $child = fork() // die;
    if ($child) { $| = 1; print "child $child\\n"; POSIX::_exit(0) }
    open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null'); exec('sleep', '600');
  }
  waitpid($pid, 0); exit 0 if $pid == $wanted;
}
die "pid $wanted is not to be had";`;

test("a stranger's child with the session id of a dead agent is not ended", { skip }, async (t) => {
  const here = daemonScene(t);
  const stdio = ['pipe', 'pipe', 'pipe'] as const;
  const server = start(fixture('agent-apart.mjs'), [], { ...here.options, stdio: [...stdio] });
  const agent = await readyPid(server.says);
  assert.equal(sessionOf(agent), agent);
  const [id = ''] = ids(here.box);
  const holder = await outsider(here, 'file', put(join(tmpOf(here, id), 'held')));
  await killed(agent);
  await waitUntil('its pid is free', () => !existsSync(`/proc/${agent}`));
  server.child.stdin?.write('\n');
  await server.says('ended held');

  const child = Number(beside(here, 'perl', ['-e', DAEMON, `${agent}`]).replace('child ', ''));
  assert.equal(sessionOf(child), agent);
  await killed(holder);
  await waitUntil('the session is gone, after another look', () => here.box.left().length === 0);
  assert.ok(isAlive(child), server.stderr());
  for (const pid of [child, server.pid]) kill(pid, 'SIGKILL');
  await here.nothingLeftSoon();
});

function sessionOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}
