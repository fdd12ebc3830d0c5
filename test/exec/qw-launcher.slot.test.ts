// The launcher in Claude's slot, by a stand-in that makes the calls of the real one (2.1.332): a daemon, the hosts of two terminals, a
// session in each, which relaunches itself in place. It stays the same process, in the same session.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { start } from '../helpers/cli.js';
import { launcherIn, read } from '../helpers/exec.js';
import { isAlive } from '../helpers/processes.js';
import { killed } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** A claimed spare changes its directory. What the first call makes in TMPDIR is there for the last one's command. */
const CLAUDE = `#!/bin/sh
tell() { echo "$1 $$ $(cut -d ' ' -f 22 /proc/$$/stat) \${TMPDIR-none} \${QW_SESSION-none}" >>"$TOLD"; }
host() { setsid "$SLOT" "$0" --bg-pty-host sock 200 50 -- "$SLOT" "$0" "$@" & }
relaunch() { tell session; exec "$SLOT" "$0" --resume "$@"; }
case $1 in
  --version) echo '2.1.332 (Claude Code)' ;;
  daemon) tell daemon; host --bg-spare sock; host --session-id id; wait ;;
  --bg-pty-host) tell host; shift 5; "$@" & wait ;;
  --bg-spare) mkdir "$TMPDIR/made"; cd /; relaunch 1 ;;
  --session-id) mkdir "$TMPDIR/made"; relaunch 1 ;;
  --resume)
    [ "$2" = 3 ] || relaunch $(($2 + 1))
    cd "$TMPDIR/made" && sleep 600 &
    tell last
    wait
    ;;
esac
`;

interface Call {
  who: string;
  pid: number;
  tmpdir: string;
  /** Pid, start time, TMPDIR and session. */
  is: string;
}

function told(file: string): Call[] {
  const lines = existsSync(file) ? read(file).split('\n').slice(0, -1) : [];
  return lines.map((line) => {
    const [who = '', pid = '', startTime = '', tmpdir = '', session = ''] = line.split(' ');
    return { who, pid: Number(pid), tmpdir, is: `${pid} ${startTime} ${tmpdir} ${session}` };
  });
}

test("in Claude's slot, by the planner and by a plan: a session that is relaunched keeps its TMPDIR", async (t) => {
  const here = scene(t);
  const claude = join(here.box.dir, 'claude');
  writeFileSync(claude, CLAUDE, { mode: 0o755 });
  for (const round of ['planner', 'plan']) {
    const { calls, daemon } = await startedIn(here, claude, round);
    const ofNobody = calls.filter(({ who }) => who === 'daemon' || who === 'host');
    assert.deepEqual(
      ofNobody.flatMap(({ is }) => is.split(' ').slice(2)),
      Array(6).fill('none'),
    );
    const [one, other] = calls.filter(({ who }) => who === 'last') as [Call, Call];
    assert.notEqual(one.tmpdir, other.tmpdir);
    for (const { is, tmpdir } of [one, other]) {
      assert.ok(tmpdir.startsWith(here.box.root), tmpdir);
      assert.equal(calls.filter((call) => call.is === is).length, 4, 'three relaunches');
      const { createdAt } = JSON.parse(read(join(tmpdir, '../lease.json')));
      if (round === 'plan') assert.match(createdAt, /\.\d{9}Z$/);
    }
    await killed(one.pid);
    await waitUntil('its TMPDIR is gone', () => !existsSync(one.tmpdir));
    assert.ok(isAlive(other.pid) && existsSync(join(other.tmpdir, 'made')));
    await killed(other.pid);
    await daemon.done;
    await here.nothingLeftSoon();
  }
});

/** All is started, and both sessions were relaunched. */
async function startedIn(here: Scene, claude: string, round: string) {
  const file = join(here.box.dir, round);
  const env = { ...here.options.env, TOLD: file, SLOT: launcherIn(here) };
  const words = ['-c', 'exec setsid "$SLOT" "$0" daemon run --origin transient', claude];
  const daemon = start('/bin/sh', words, { ...here.options, env });
  const both = () => told(file).filter(({ who }) => who === 'last').length === 2;
  await waitUntil(() => `both sessions are there: ${JSON.stringify(told(file))}`, both);
  return { calls: told(file), daemon };
}
