// What the watchdog's shell runs once its owner is dead: arguments are the owner, the session announced last,
// the roots. Exit 3: something is still in use, look again. `pass ROOT MAX_AGE SPARE` is the reaper's pass of
// a new session, `room ROOT MAX_AGE SPARE` that of one for which the disk is full; `finish ROOT` removes what
// an owner claimed and let go of; `tree PID SIGNAL` signals a tree of processes; `note` writes the receipt on
// its stdin into the log; `tell EVENT NOTE ROOT TMPDIR` is what qw-tell.sh runs for an agent.
import { killTreeOf } from '../end/tree-kill.js';
import { afterOwner, finishLeft } from '../reap/after-owner.js';
import { ownPass } from '../reap/pass-here.js';
import { startOwnPass } from '../reap/start-pass.js';
import { tellFull } from '../run/tell-full.js';
import { noteFromStdin } from '../session/own-receipt.js';
import { goInside } from '../tree/from-inside.js';

async function main([owner = '', lastDir = '', ...roots]: string[]): Promise<void> {
  const [maxAge = '', spare = ''] = roots;
  if (owner === 'pass') return ownPass(lastDir, maxAge, spare);
  if (owner === 'room') return ownPass(lastDir, maxAge, spare, Number.MAX_SAFE_INTEGER);
  if (owner === 'finish') return finishLeft([lastDir]);
  if (owner === 'note') return noteFromStdin();
  if (owner === 'tell') return tellFull(lastDir, roots);
  if (owner === 'tree') return killTreeOf(Number(lastDir), roots[0] ?? 'SIGTERM');
  const [pid, startTime, bootId = ''] = owner.split(':');
  const isAnyLeft = await afterOwner({
    owner: { pid: Number(pid), startTime: Number(startTime), bootId },
    lastDir,
    roots,
  });
  process.exitCode = isAnyLeft ? LOOK_AGAIN : 0;
  // In exec mode nobody starts a pass when the agent starts.
  if (process.env['qw_exec'] && !isAnyLeft) for (const root of roots) startOwnPass(root, process.env);
}

const LOOK_AGAIN = 3;

goInside();
// After an unexpected fault somebody may still use it: look again, ever more rarely.
main(process.argv.slice(2)).catch(() => {
  process.exitCode = LOOK_AGAIN;
});
