// What prepares a start is stopped after each of its steps, while a reaper passes, and then goes on: with its launcher, which becomes
// the agent, and without, when that was killed meanwhile. Nobody takes what is being made, and nothing is left.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwExec } from '../helpers/paths.js';
import { kill, stateOf } from '../helpers/processes.js';
import { reapOnce } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

const STEPS: [what: string, line: RegExp, sessions?: number][] = [
  ['made nothing yet', /^for _ in .*$/m, 0],
  ['made the directory', /^"\$mkdir" .*$/m],
  ['written the lease', /^.*>"\$dir\/lease\.json".*$/m],
  ['proved that there is room', /^printf "\$words" .*$/m],
  ['made the lock', /^\[ "\$lock" = - \].*$/m],
];

/** A copy of the launcher whose preparing stops itself there. */
function stoppingAt({ box }: Scene, line: RegExp): string {
  const bins = join(box.dir, 'bins');
  cpSync(dirname(qwExec), bins, { recursive: true });
  const prep = join(bins, 'qw-prep.sh');
  const text = readFileSync(prep, 'utf8');
  assert.match(text, line);
  writeFileSync(prep, text.replace(line, '$&\nkill -STOP $$$$'));
  return join(bins, 'qw-exec');
}

describe('what prepares a start is stopped when it has', { concurrency: 2 }, () => {
  for (const [what, line, sessions = 1] of STEPS)
    for (const isKilled of [false, true])
      test(`${what}, and its launcher ${isKilled ? 'is killed' : 'waits'}`, async (t) => {
        const here = scene(t);
        const launcher = stoppingAt(here, line);
        assert.equal((await run('/bin/sh', [launcher, 'true'], here.options)).code, 0); // makes the plan
        await here.nothingLeftSoon();
        const child = spawn('/bin/sh', [launcher, 'true'], { ...here.options, stdio: 'ignore' });
        const ended = once(child, 'exit');
        const stopped = () => here.processes().find((pid) => stateOf(pid) === 'T');
        const prep = await waitUntil('it is stopped', stopped);
        t.after(() => kill(prep, 'SIGKILL'));
        const { ids, report } = await reapOnce(here);
        assert.deepEqual([ids, report.failed, report.kept.length], [[], [], sessions]);
        if (isKilled) child.kill('SIGKILL');
        if (isKilled) await ended;
        if (isKilled) await reapOnce(here); // takes it or leaves it
        kill(prep, 'SIGCONT');
        if (!isKilled) assert.deepEqual(await ended, [0, null]);
        await here.nothingLeftSoon();
      });
});
