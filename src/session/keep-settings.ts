// A settings file for an agent, beside the lease: outside TMPDIR, where no agent looks, and gone with the
// session.
import { join } from 'node:path';
import { fs, inDirectory } from '../fs.js';
import type { Sight } from '../isolate/mount-plan.js';
import { replaceFile } from '../root/replace-file.js';
import { createHash } from './crypto-when-needed.js';

/**
 * Writes it (0600), unless it is there already; gives its path as the agent sees it. Named by its content, so
 * that an agent which has one open never sees another's. Throws the system's error.
 */
export function keepSettings({ dir, seenAs }: Sight['files'], content: Record<string, unknown>): string {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  const name = `settings-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`;
  // An agent may swap `dir` for a link at any moment.
  inDirectory(dir, (base) => {
    if (!fs.existsSync(join(base, name))) replaceFile(join(base, name), text);
  });
  return join(seenAs, name);
}
