// The TCP ports that processes listen on. /proc/net/tcp and tcp6 list the sockets of one network namespace by
// inode; who has that inode open listens there.
import { inTurns } from '../clock.js';
import type { ProcessStat } from './process-stat.js';
import { eachPiece, entriesOf, linkOf, namespaceOf } from './procfs.js';

type Listener = Pick<ProcessStat, 'pid' | 'thread'>;

/** By pid; nobody who listens on none. Only told: of very many descriptors and sockets not all are read. */
export async function listeningPorts(processes: readonly Listener[]): Promise<ReadonlyMap<number, number[]>> {
  const found = new Map<number, number[]>();
  await inTurns(atMost(MOST_STEPS, steps(processes, found)));
  return found;
}

function* steps(processes: readonly Listener[], found: Map<number, number[]>): Generator<undefined, void> {
  const tables = new Map<string, PortsByInode>();
  for (const { pid, thread = pid } of processes) {
    const inodes = yield* socketsOf(thread);
    const namespace = namespaceOf(thread, 'net');
    if (inodes.length === 0 || namespace === undefined) continue;
    const table = tables.get(namespace) ?? (yield* readTable(thread));
    tables.set(namespace, table);
    const ports = new Set(inodes.flatMap((inode) => table.get(inode) ?? []));
    if (ports.size > 0)
      found.set(
        pid,
        [...ports].sort((a, b) => a - b),
      );
  }
}

type PortsByInode = Map<string, number>;

function* socketsOf(thread: number): Generator<undefined, string[]> {
  const inodes: string[] = [];
  for (const fd of (yield* entriesOf(`/proc/${thread}/fd`)) ?? []) {
    const target = linkOf(thread, `fd/${fd}`);
    if (target?.startsWith('socket:[')) inodes.push(target.slice(8, -1));
    yield;
  }
  return inodes;
}

function* readTable(thread: number): Generator<undefined, PortsByInode> {
  const ports: PortsByInode = new Map();
  const note = (lines: string) => {
    for (const [, port = '', inode = ''] of lines.matchAll(LISTENS))
      ports.set(inode, Number.parseInt(port, 16));
  };
  for (const name of ['tcp', 'tcp6'])
    yield* atMost(MOST_PIECES, eachPiece(`/proc/${thread}/net/${name}`, note));
  return ports;
}

/** The first of them. The work that is left is not done. */
function* atMost(count: number, all: Generator<undefined, void>): Generator<undefined, void> {
  for (let step = 0; step < count && !all.next().done; step += 1) yield;
  all.return();
}

/** Their state is TCP_LISTEN; get_tcp4_sock, net/ipv4/tcp_ipv4.c. */
const LISTENS = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A \S+ \S+ \S+ +\d+ +\d+ (\d+) /gm;
const MOST_STEPS = 20_000; // some 20 ms of them
const MOST_PIECES = 100; // of 430 sockets each
