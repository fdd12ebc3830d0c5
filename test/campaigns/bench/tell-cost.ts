// What our hooks for Claude cost where they have nothing to say: after a failed command, with room on the disk; and as a
// conversation begins, in its TMPDIR. npm run bench:tell [-- dir…]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { strayCommand } from '#src/session/stray-command.js';
import { tellCommand } from '#src/session/tell-command.js';
import { quantile } from './performance/table.js';
import { PLACES } from './places.js';

const RUNS = 200;

console.log('| directory | | runs | least ms | median ms | 95th percentile ms |\n|---|---|---|---|---|---|');
for (const place of PLACES) {
  const root = mkdtempSync(join(place, 'q-'));
  const tmpdir = join(root, 'tmp');
  mkdirSync(tmpdir);
  const hook = tellCommand('PostToolUseFailure', { root, tmpdir, files: { dir: root, seenAs: root } });
  // In turn, so that what the machine does meanwhile happens to both.
  const commands = {
    'a shell that does nothing': ':',
    'the hook after a failed command': hook ?? 'exit 1',
    'the hook as a conversation begins': strayCommand('SessionStart', tmpdir) ?? 'exit 1',
  };
  const env = { ...process.env, TMPDIR: tmpdir };
  const times: Record<string, number[]> = {};
  for (let run = 0; run < RUNS; run += 1)
    for (const [what, command] of Object.entries(commands)) {
      const before = performance.now();
      const { status, stdout } = spawnSync('/bin/sh', ['-c', command], { env, encoding: 'utf8' });
      if (status !== 0 || stdout !== '') throw new Error(`${what}: ${status} ${stdout}`);
      times[what] = [...(times[what] ?? []), performance.now() - before];
    }
  rmSync(root, { recursive: true });
  for (const [what, all] of Object.entries(times)) {
    const at = (share: number) => quantile(all, share).toFixed(1);
    console.log(`| ${place} | ${what} | ${RUNS} | ${at(0)} | ${at(0.5)} | ${at(0.95)} |`);
  }
}
