// Notices our death, SIGKILL included: an idle `sh` blocked on reading a pipe whose other end dies with us. It gets
// nothing of a session but its path, so it is no member of one; in its own session and double-forked, no signal to our
// group and no walk of our tree reaches it. One serves all sessions of this process.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fs } from '../fs.js';
import { ownOwner } from '../lease/owner.js';

export interface Watchdog {
  /** To be said before the session's directory is made: without a lease yet, only this names it as ours. */
  opening(dir: string): void;
  /** No session is left: it may go. Without this, the pipe's end means that we died. */
  dismiss(): void;
}

/** Starts a watchdog for this process; undefined where there is no `sh` to be had (Windows). */
export function startWatchdog(): Watchdog | undefined {
  const script = watchdogScript();
  if (process.platform === 'win32' || script === undefined) return undefined;
  const { pid, startTime, bootId } = ownOwner();
  const args = ['-c', WATCH, 'qw-watchdog', process.execPath, script, `${pid}:${startTime}:${bootId}`];
  const child = spawn('/bin/sh', args, {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: bareEnv(),
  });
  return control(child);
}

function control(child: ChildProcess): Watchdog {
  child.on('error', () => {}); // no sh: the reaper finds what we may leave
  child.stdin?.on('error', () => {}); // EPIPE: somebody killed it
  child.unref();
  (child.stdin as unknown as { unref?(): void } | null)?.unref?.();
  return {
    opening: (dir) => void child.stdin?.write(`${dir}\n`),
    dismiss: () => void child.stdin?.end('bye\n'),
  };
}

/** The watchdog's bundle: beside our own in the bins, below `dist/` in the library. */
function watchdogScript(): string | undefined {
  const places =
    typeof __filename === 'string'
      ? [`${__dirname}/qw-watchdog.cjs`]
      : [fileURLToPath(new URL('../bin/qw-watchdog.cjs', import.meta.url))];
  return places.find((path) => fs.existsSync(path));
}

/** What node needs to start, and nothing of ours. */
function bareEnv(): NodeJS.ProcessEnv {
  const names = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/**
 * $1 node, $2 the bundle, $3 whose sessions; further on one root each. Every line is the path of a session about to be
 * opened; its parent is a root, and the last one is remembered whole: it may not have a lease yet.
 * Exit 3 of the bundle: some session is still in use; look again, every 2 s at first, later every 30 s.
 */
const WATCH = `
trap '' TERM INT HUP
exec 3<&0 </dev/null
{
  last=
  while IFS= read -r line <&3; do
    [ "$line" = bye ] && exit 0
    last=$line root=\${line%/*} seen=
    for known do [ "$known" = "$root" ] && seen=1; done
    [ "$seen" ] || set -- "$@" "$root"
  done
  exec 3<&-
  node=$1 bundle=$2 owner=$3
  shift 3
  looks=0
  while "$node" "$bundle" "$owner" "$last" "$@"; [ $? = 3 ]; do
    looks=$((looks + 1))
    [ $looks -lt 15 ] && sleep 2 || sleep 30
  done
} &
`;
declare const __filename: string | undefined;
declare const __dirname: string;
