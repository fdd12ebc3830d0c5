// What the `quota` tool knows of our share of a file system. Most machines have neither the tool nor a quota;
// then nothing is known, and the write probe decides alone.
import { tool } from '../process/find-tool.js';
import { runTool } from '../process/run-tool.js';

export interface QuotaFacts {
  bytes: Share | null;
  inodes: Share | null;
}

/** What is ours, and the most that may be. */
export interface Share {
  used: number;
  limit: number;
}

/** Our quota on the file system mounted at `mount`; null where there is none, or nobody knows. */
export async function readQuota(mount: string): Promise<QuotaFacts | null> {
  if (process.platform !== 'linux') return null;
  // -p: grace times as numbers, so that every line has the same columns; -v: also what is far from its limit.
  const args = ['-v', '-w', '-p', `--filesystem=${mount}`];
  // It may hang behind a dead NFS server.
  const { stdout } = await runTool(tool('quota'), args, { hears: true, timeoutMs: ASK_MS });
  return parseQuota(stdout);
}

/**
 * The line of `quota -w -p -f`: device, then blocks of 1 KiB and files, each used, soft, hard, grace. Pure.
 */
export function parseQuota(text: string): QuotaFacts | null {
  for (const line of text.split('\n')) {
    const [, ...columns] = line.trim().split(/\s+/);
    // An asterisk marks what is over its limit.
    const numbers = columns.map((column) => Number(column.replace(/\*$/, '')));
    if (numbers.length !== 8 || numbers.some(Number.isNaN)) continue;
    const [blocks = 0, softBlocks = 0, hardBlocks = 0, , files = 0, softFiles = 0, hardFiles = 0] = numbers;
    const bytes = share(blocks * 1024, (hardBlocks || softBlocks) * 1024);
    const inodes = share(files, hardFiles || softFiles);
    if (bytes || inodes) return { bytes, inodes };
  }
  return null;
}

const ASK_MS = 2_000;

/** A limit of 0 is none. */
const share = (used: number, limit: number): Share | null => (limit > 0 ? { used, limit } : null);
