// What one agent CLI needs, as data.
import type { SpareRule } from './spared.js';

export type BackendName = 'claude' | 'codex' | 'gemini' | 'generic';

export interface BackendProfile {
  name: BackendName;
  /** This command starts that agent. */
  matches(command: readonly string[]): boolean;
  /** Variables on top of TMPDIR, TMP and TEMP. */
  env(tmpdir: string): Record<string, string>;
  /** The arguments as this agent wants them. */
  args(args: readonly string[]): string[];
  /** What goes stale inside a TMPDIR of a session that lives for days: patterns below it (see patterns.ts). */
  units: readonly string[];
  /** What it leaves in the system's temp directory when started without us, and no other session shares. */
  legacy: readonly string[];
  /** Its processes that outlive a session because others use them. */
  shared: readonly SpareRule[];
}
