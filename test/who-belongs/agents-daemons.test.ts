// Stand-ins for the daemons of agents, with the command lines and doors of the real ones: one for all terminals of a person, started by
// whichever session came first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { daemonScene, missing, said } from '../helpers/belongs.js';
import { agentThat, CODE } from '../helpers/leaving-agent.js';
import { isAlive } from '../helpers/processes.js';
import { daemon, program } from '../helpers/programs.js';
import { killed } from '../helpers/reaping.js';

const SERVER = 'app-server --listen unix:// --managed-daemon';
const LOOP = 'app-server daemon pid-update-loop';
const HUB = '--cline-hub-daemon';

describe('a daemon that runs the commands of all terminals lives on, and T goes:', {
  skip: missing('/usr/bin/perl'),
  concurrency: 2,
}, () => {
  for (const [name, args, door, flags] of [
    ['codex', SERVER, '"$HOME/door"', ['--backend', 'codex']],
    ['codex', LOOP, '', ['--backend', 'codex']],
    ['codex', SERVER, '"$HOME/door"', []],
    ['cline', HUB, '"$HOME/door"', []],
  ] as const)
    test(`${[...flags, name, args].join(' ')}`, async (t) => {
      const here = daemonScene(t);
      const script = `(DOOR=${door} setsid "${daemon(here, name)}" ${args} &)`;
      const { wrapper, pid, leave } = await agentThat(here, [...flags], script);
      const child = await said(wrapper, 'child');
      const { code, stderr } = await leave();
      assert.equal(code, CODE);
      assert.ok(isAlive(pid) && isAlive(child), stderr);
      assert.deepEqual(here.box.left(), []);
      for (const one of [pid, child]) await killed(one);
      await here.nothingLeftSoon();
    });

  test('but not with its only door in T: nobody else could come in', async (t) => {
    const here = daemonScene(t);
    const script = `(DOOR="$TMPDIR/door" setsid "${daemon(here, 'codex')}" ${SERVER} &)`;
    const { leave } = await agentThat(here, ['--backend', 'codex'], script);
    assert.equal((await leave()).code, CODE);
    here.nothingLeft();
  });
});

test("CLAUDE_PID: what is a background session's lives on with its daemon, what is this session's is ended", async (t) => {
  const here = daemonScene(t);
  const child = (name: string) =>
    `setsid sh -c 'echo "${name}=$$ "; exec sleep 600 >/dev/null 2>&1' &) 2>/dev/null`;
  const script = `setsid "${program(here, 'claude')}" daemon run >"$HOME/daemon" 2>&1 &
    until grep -q ready "$HOME/daemon"; do sleep 0.05; done
    daemon=$(sed 's/ready \\([0-9]*\\).*/\\1/' "$HOME/daemon")
    (CLAUDE_PID=$daemon ${child('theirs')}
    (CLAUDE_PID=$$ ${child('ours')}
    (CLAUDE_PID=1 ${child('lying')}
    (CLAUDE_PID=x ${child('nobody')}
    echo "ready $daemon "`;
  const { wrapper, pid, leave } = await agentThat(here, ['--backend', 'claude'], script);
  const names = ['theirs', 'ours', 'lying', 'nobody'];
  const pids = await Promise.all(names.map((name) => said(wrapper, name)));
  const { code, stderr } = await leave();
  assert.equal(code, CODE);
  const alive = names.filter((_, i) => isAlive(pids[i] ?? 0));
  assert.deepEqual([isAlive(pid), alive], [true, ['theirs']], stderr);
  for (const one of here.processes()) await killed(one);
  await here.nothingLeftSoon();
});
