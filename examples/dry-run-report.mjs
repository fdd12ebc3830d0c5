// What the reaper would do, and why it would keep the rest. Changes nothing.
import { reap } from 'qw-run';

const { removed, swept, legacy, kept, bytes } = await reap({ dryRun: true });
for (const { id, reason } of removed) console.log(`${id} would go: ${reason}`);
for (const { path } of swept) console.log(`${path} would be swept`);
for (const { id, state, reason } of kept) console.log(`${id} stays: ${state}, ${reason}`);
if (legacy.length > 0) console.log(`${legacy.length} stale entries of agents started without qw-run`);
console.log(`${bytes} bytes would be free`);
