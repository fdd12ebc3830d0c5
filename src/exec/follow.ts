// Starts what waits for the death of an agent that is nobody's child of ours (qw-follow.sh), in an
// environment made here: it has nothing of the session's, so it is no member of it.
import { fs, inDirectory, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, quietly } from '../fs.js';
import { launch } from '../process/exec.js';
import { OWN_NODE, SHELL } from '../process/find-tool.js';
import { findFlock } from '../process/lock.js';
import { binsDirectory } from '../process/own-programs.js';
import type { Known } from '../session/known.js';

/** From now on somebody ends the session when its agent is dead. */
export function follow(known: Known): void {
  const { dir, inside } = known;
  const { owner, lock = '-' } = known.lease.now();
  noteAgent(dir, owner.pid);
  const args = [...followArgs(), owner.bootId, lock, dir, String(owner.pid), String(owner.startTime)];
  launch(SHELL, args, {
    detached: true,
    env: followEnv(known),
    // An isolated session's keeper waits at its pipe: descriptor 6.
    stdio: [...Array(6).fill('ignore'), ...(inside ? [inside.pipe()] : [])],
  })?.unref();
}

/** The script and its arguments, as far as they are the same for every session. */
export const followArgs = (): string[] => [
  `${binsDirectory() ?? ''}/qw-follow.sh`,
  OWN_NODE,
  findFlock() ?? '-',
];

/** What the end has to know, on top of what every program of ours gets. */
export const followEnv = ({ settings: { graceMs, env }, start: { warnings } }: Known): NodeJS.ProcessEnv => ({
  qw_exec: '1',
  QW_GRACE: `${graceMs}ms`,
  ...(env['QW_REAP'] ? { QW_REAP: env['QW_REAP'] } : {}),
  // For the receipt: nobody was told.
  ...(warnings.length > 0 ? { qw_exec_warnings: warnings.join('|').slice(0, 1_024) } : {}),
});

/** pidwait(1) reads a pid from a file. */
function noteAgent(dir: string, pid: number): void {
  quietly(() =>
    inDirectory(dir, (base) => {
      const fd = fs.openSync(`${base}/.probe.${pid}.0`, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      fs.writeSync(fd, `${pid}\n`);
      fs.closeSync(fd);
    }),
  );
}
