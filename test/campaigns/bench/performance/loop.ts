// How long a server's event loop is held up by what it asks of us: small, and with much memory resident, where each process that
// the server itself starts costs the copy of its page tables. Steps in which one has to be started are told apart, without a goal.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { listSessions, openSession, reap, type Session, startReaper } from 'qw-run';
import { forge } from '../../../helpers/reaping.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import type { Bench, Row } from './bench.js';
import { latest } from './late.js';
import { ask } from './runs.js';
import { idOf, ownedByNobody, ownedHere } from './sessions.js';
import type { Line } from './table.js';
import { copyTree, ENTRIES, makeTree, UNITS } from './trees.js';

const script = fileURLToPath(import.meta.url);
const SIZES_MIB = [50, 850];
const LIVING = 200;

/** Steps of one server, in order; `starts`: what the server itself has to start for it. */
const STEPS = {
  boot: { what: '`startReaper`, the first pass', starts: 'the helper' },
  first: { what: 'the first `openSession`', starts: 'the watchdog' },
  open: { what: '`openSession`' },
  small: { what: 'end of a small session' },
  large: { what: 'end of a large session' },
  unwaited: { what: 'the same with `wait: false`' },
  reap: { what: '`reap()` of a large orphan' },
  list: { what: '`listSessions()`' },
  kept: { what: 'the same within a second' },
} as const satisfies Record<string, { what: string; starts?: string }>;
type Step = keyof typeof STEPS;

export const loop: Row = {
  name: 'loop',
  measure: async (bench) => {
    const { box, nodes, runs, size } = bench;
    const template = join(box.dir, 'template');
    makeTree({ dir: template, entries: size(ENTRIES), units: size(UNITS) });
    const lines: Line[] = [];
    for (const { path, name } of nodes)
      for (const mib of SIZES_MIB) {
        const all = Array.from({ length: runs(5) }, () => {
          prepare(bench, template);
          return ask<Record<Step, number>>(path, [script, template, String(mib)], box);
        });
        for (const [step, about] of Object.entries(STEPS) as [Step, { what: string; starts?: string }][])
          lines.push({
            what: `${about.what}, ${mib} MiB resident, ${name}${about.starts ? ` (starts ${about.starts})` : ''}`,
            against: '',
            ours: all.map((one) => one[step]),
            peer: [],
            unit: 'ms',
            goal: about.starts ? undefined : { is: 'at most', limit: step === 'kept' ? 2 : 10 },
          });
      }
    return lines;
  },
};

/** Living sessions to be listed, and one large orphan. */
function prepare({ box, size }: Bench, template: string): void {
  const lease = ownedHere('generic');
  const files = Array.from({ length: 50 }, (_, at) => `f${at}`);
  for (let at = 1; at <= size(LIVING); at += 1)
    forge(box, idOf(at), { lease: { ...lease, id: idOf(at) }, files });
  const { tmpdir } = forge(box, idOf(0), { lease: { ...ownedByNobody(), id: idOf(0) }, files: [] });
  copyTree(`${template}/.`, tmpdir);
  execFileSync('sync', ['-f', tmpdir]);
}

/** The server. */
async function serve(template: string, mib: number): Promise<Record<Step, number>> {
  const ballast = Buffer.alloc(Math.max(0, mib * 1024 ** 2 - process.memoryUsage.rss()), 1);
  const late: Partial<Record<Step, number>> = {};
  const measure = async <T>(step: Step, work: () => Promise<T>): Promise<T> => {
    const { result, lateMs } = await latest(work);
    late[step] = lateMs;
    return result;
  };
  const end = async (session: Session) => {
    const { state } = await session.end();
    if (state !== 'removed') throw new Error(`the session is ${state}`);
  };
  const filled = async (options: { wait?: boolean }) => {
    const session = await openSession({ backend: 'generic', ...options });
    copyTree(`${template}/.`, session.tmpdir);
    execFileSync('sync', ['-f', session.tmpdir]);
    return session;
  };
  const booted = () =>
    new Promise<unknown>((resolve) =>
      startReaper({ legacy: false, every: '1d', dryRun: true, onReport: resolve }),
    );
  await measure('boot', booted);
  const stays = await measure('first', () => openSession({ backend: 'generic' }));
  const small = await measure('open', () => openSession({ backend: 'generic' }));
  await measure('small', () => end(small));
  const large = await filled({});
  await measure('large', () => end(large));
  const unwaited = await filled({ wait: false });
  await measure('unwaited', () => end(unwaited));
  await waitUntil('it is gone', () => readdirSync(join(stays.root, '.trash')).length === 0);
  const { removed } = await measure('reap', () => reap());
  if (removed.length !== 1) throw new Error(`${removed.length} were removed`);
  await measure('list', () => listSessions());
  await measure('kept', () => listSessions());
  await end(stays);
  ballast.fill(0);
  return late as Record<Step, number>;
}

if (argv[1] === script) {
  setInterval(() => {}, 60_000); // a reaper does not keep it alive
  console.log(JSON.stringify(await serve(argv[2] as string, Number(argv[3]))));
  process.exit(); // a large buffer more or less: nobody waits for that
}
