// `qw-tmp list >&-`: before any code of ours runs, Node opens /dev/null in the place of a closed stdout, for
// reading and writing. A parent that wants no output (`stdio: 'ignore'`) does the same, and then nothing has
// failed. So only a shell is taken to have closed it (to drop output it opens /dev/null for writing alone),
// and only where its own stdout is not such a /dev/null. Who lost its parent has pid 1 instead.
import { SHELLS } from '../backends/launchers.js';
import { attempt, fs, O_RDWR } from '../fs.js';
import { readStat } from '../process/identity.js';
import { linkOf } from '../process/procfs.js';

/** Whether the shell that started us closed our stdout; false where that cannot be told. */
export function isStdoutClosed(shell = process.ppid): boolean {
  if (shell === 1 || !isReadableNull('self') || !SHELLS.has(readStat(shell)?.comm ?? '')) return false;
  return attempt(() => fs.readdirSync(`/proc/${shell}/fd`)) !== undefined && !isReadableNull(shell);
}

function isReadableNull(pid: number | 'self'): boolean {
  if (linkOf(pid, 'fd/1') !== '/dev/null') return false;
  const info = attempt(() => fs.readFileSync(`/proc/${pid}/fdinfo/1`, 'utf8'));
  return (Number.parseInt(/^flags:\s*(\d+)/m.exec(info ?? '')?.[1] ?? '', 8) & 3) === O_RDWR;
}
