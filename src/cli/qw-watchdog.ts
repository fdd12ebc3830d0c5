// What the watchdog's shell runs once its owner is dead: arguments are the owner, the session announced last,
// the roots. Exit 3: something is still in use, look again. `pass ROOT MAX_AGE SPARE` is the reaper's pass of
// a new session; `finish ROOT` removes what an owner claimed and let go of; `tree PID SIGNAL` signals a tree
// of processes.
import { killTreeOf } from '../end/tree-kill.js';
import { afterOwner, finishLeft } from '../reap/after-owner.js';
import { ownPass } from '../reap/own-pass.js';
import { goInside } from '../tree/from-inside.js';

async function main([owner = '', lastDir = '', ...roots]: string[]): Promise<void> {
  if (owner === 'pass') return void (await ownPass(lastDir, roots[0] ?? '', roots[1] ?? ''));
  if (owner === 'finish') return finishLeft([lastDir]);
  if (owner === 'tree') return killTreeOf(Number(lastDir), roots[0] ?? 'SIGTERM');
  const [pid, startTime, bootId = ''] = owner.split(':');
  const isAnyLeft = await afterOwner({
    owner: { pid: Number(pid), startTime: Number(startTime), bootId },
    lastDir,
    roots,
  });
  process.exitCode = isAnyLeft ? LOOK_AGAIN : 0;
}

const LOOK_AGAIN = 3;

goInside();
// An unexpected fault is no reason to give up on what may still be used: look again, ever more rarely.
main(process.argv.slice(2)).catch(() => {
  process.exitCode = LOOK_AGAIN;
});
