// Many processes that open their first session at the same moment.
import { start } from './cli.js';
import { fixture } from './paths.js';
import { waitUntil } from './wait-until.js';

/** How each of `count` processes went on, once all of them were told to open: `removed ROOT`, or what it said instead. */
export async function firstOpens(
  count: number,
  options: { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number },
): Promise<string[]> {
  const all = Array.from({ length: count }, () =>
    start(fixture('open-when-told.mjs'), [], { ...options, stdio: ['pipe', 'pipe', 'pipe'] }),
  );
  await waitUntil('all are ready', () => all.every(({ stdout }) => stdout() !== ''), { timeoutMs: 300_000 });
  for (const { child } of all) child.stdin?.end();
  const finished = await Promise.all(all.map(({ done }) => done));
  return finished.map(({ stdout, stderr }) => `${stdout.replace('ready\n', '').trim()}${stderr}`);
}
