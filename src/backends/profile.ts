// What one agent CLI needs, as data. What is set, for which version and why: docs/backends.md.
import type { DaemonStart, DaemonUse } from './daemon.js';
import type { UnitPattern } from './patterns.js';
import type { SpareRule } from './spared.js';
import type { Version } from './version.js';

const AGENTS = ['claude', 'codex', 'gemini', 'cline', 'opencode', 'copilot', 'qwen', 'amp'] as const;
/** Words for `--backend`. */
export const BACKENDS = ['auto', ...AGENTS, 'generic'] as const;
export type BackendChoice = (typeof BACKENDS)[number];
export type BackendName = Exclude<BackendChoice, 'auto'>;

export interface BackendProfile {
  name: BackendName;
  /** Its package on npm. */
  pack: string;
  /** This command starts that agent, by its words alone. */
  matches(command: readonly string[]): boolean;
  /** Variables of its user's that are taken out, since TMPDIR takes their place. */
  replaced?: readonly string[];
  /** How its version is found out; undefined where no version makes a difference, then nobody looks. */
  version?: VersionSource;
  /** Variables on top of TMPDIR, TMP and TEMP. An unknown version counts as the newest. */
  env(tmpdir: string, version?: () => Version | undefined): Record<string, string>;
  /** The settings of its user that decide something. */
  settings?: SettingsSource;
  /** Where its commands run; undefined where it has no daemon for them. */
  daemon?(start: DaemonStart): DaemonUse;
  /** `args`, the agent's own, as they have to be. */
  args(tmpdir: string, args: readonly string[], settings: AgentSettings): string[];
  /**
   * Variables by which its model is told that the disk is full; undefined where arguments do that, or nothing
   * needs to.
   */
  tell?(settings: AgentSettings, env: NodeJS.ProcessEnv): Record<string, string>;
  /** What in its user's settings keeps the model from being told, one line each. */
  untold?(found: readonly FoundSettings[]): string[];
  /** What its user should know before it starts, one line each. */
  warnings(tmpdir: string, settings: AgentSettings): string[];
  /**
   * What goes stale inside a TMPDIR of a session that lives for days: patterns below it (see patterns.ts).
   */
  units: readonly UnitPattern[];
  /** What it leaves in the system's temp directory when started without us, and no other session shares. */
  legacy: readonly UnitPattern[];
  /** Its processes that outlive a session because others use them. */
  shared: readonly SpareRule[];
}

export interface VersionSource {
  /** Real path of an installed program that has its version for a name. */
  path: RegExp;
  /** What its `--version` prints. */
  output: RegExp;
}

export interface SettingsSource {
  /** Files it reads, the ones that outweigh others last. */
  files(place: { env: NodeJS.ProcessEnv; home: string; cwd: string }): string[];
  /** Content of one; throws for a broken one. */
  parse(text: string, path: string): Record<string, unknown>;
}

export interface FoundSettings {
  path: string;
  content: Record<string, unknown>;
}

/** What a start of an agent depends on besides its arguments. */
export interface AgentSettings {
  version: Version | undefined;
  /** What was found in its settings files. */
  found: readonly FoundSettings[];
  /** Reads one more, named by the user: a path from the working directory. Throws what is wrong with it. */
  read(path: string): Record<string, unknown>;
  /**
   * Keeps a settings file for as long as the session lives; gives its path, undefined where the arguments
   * cannot name it.
   */
  keep(content: Record<string, unknown>): string | undefined;
  /**
   * A shell's command for a hook of this name: it prints what the model should know when the disk is full.
   * Undefined where nobody wants that, or it cannot be had.
   */
  hook(event: string): string | undefined;
  /** The same for a conversation whose commands do not get this TMPDIR. */
  strayHook(event: string): string | undefined;
  /** Tells the user, one line. */
  warn(line: string): void;
}
