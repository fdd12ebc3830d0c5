// How long a server's event loop is held up while the reaper works: npm run bench:reap
// Dead sessions are made on disk (their lease names a process that ended), then `reap()` removes them in this process.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { reap } from 'qw-run';
import { forge } from '../../helpers/reaping.js';
import { latest } from './performance/late.js';
import { idOf, ownedByNobody } from './performance/sessions.js';

interface Load {
  name: string;
  sessions: number;
  filesEach: number;
}

const LOADS: Load[] = [
  { name: 'nothing to do', sessions: 0, filesEach: 0 },
  { name: '1,000 sessions of 63 files', sessions: 1_000, filesEach: 63 },
  { name: 'one session of 63,370 files', sessions: 1, filesEach: 63_370 },
  { name: '1,000 sessions of 3 files', sessions: 1_000, filesEach: 3 },
  { name: '10,000 sessions of 3 files', sessions: 10_000, filesEach: 3 },
];

console.log(
  '| load | removed | entries | reap took, ms | longest delay of the event loop, ms | 99th percentile, ms |',
);
console.log('|---|---|---|---|---|---|');
for (const load of LOADS) console.log(await measureLoad(load));

async function measureLoad({ name, sessions, filesEach }: Load): Promise<string> {
  const dir = mkdtempSync('/tmp/q-');
  const root = join(dir, 'r');
  try {
    mkdirSync(root, { mode: 0o700 });
    const lease = ownedByNobody();
    const files = Array.from({ length: filesEach }, (_, at) => `f${at}`);
    for (let at = 0; at < sessions; at += 1)
      forge({ root }, idOf(at), { lease: { ...lease, id: idOf(at) }, files });
    const { result: report, lateMs, usualMs } = await latest(() => reap({ root }));
    const [late, usual] = [lateMs, usualMs].map((ms) => ms.toFixed(1));
    return `| ${name} | ${report.removed.length} | ${report.entries.toLocaleString('en')} | ${report.ms} | ${late} | ${usual} |`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
