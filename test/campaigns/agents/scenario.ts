// What one scenario is made of.

/** How an agent is started: alone, behind a wrapper of ours, or with the launcher in its slot. */
export type Mode = 'alone' | 'qw-run' | 'qw-exec' | 'slot';

export interface Scenario {
  name: string;
  /** For the table. */
  title: string;
  /** Shell commands, one tool call each. */
  commands: readonly string[];
  /** Processes (scenarios.ts: BACKGROUND) that must have been seen: without them the run proves nothing. */
  starts: readonly string[];
  /** Only these agents. */
  clis?: readonly string[];
  isSandboxed?: boolean;
  /** Sent when all of `starts` run. `started`: what was started, the agent or its wrapper; `agent`: the agent itself. */
  blow?: { signal: NodeJS.Signals; to: 'started' | 'agent' };
  /** Uses TMPDIR when the agent has ended: nothing may happen to it or to TMPDIR, until it and all others are ended. */
  holder?: string;
  /** The agent hands its work to a daemon of its own and ends. */
  isInDaemon?: boolean;
  /** Not for agents older than this version. */
  since?: string;
  /** Only with qw-run: after the blow the agent lives on, and its command is let go. */
  isWrapperKilled?: boolean;
  /** Only with qw-run: its options, and where mktemp's file is as the agent sees it. While the last command runs nothing is in the
   * machine's /tmp; then the command is let go. */
  isolation?: { options: readonly string[]; makes: readonly string[] };
  /** In a terminal: Ctrl-C while its command runs. It lives on, and runs the next one. */
  isInterrupted?: boolean;
  /** Told step by step: sessions of Claude in the background (stage/background.ts, stage/hand-over.ts), one that is started anew
   * (stage/relaunch.ts), our launcher in its slot (stage/slot.ts). */
  story?: Story;
  /** Only these ways to start the agent. */
  modes?: readonly Mode[];
  /** The version that its person has before. */
  updatesFrom?: string;
  /** Two terminals or background sessions in this order, `W` with us, `U` without; which one quits first. */
  pair?: { order: string; quits: 'first' | 'second' };
  /** Only with qw-run: sessions lie on a small file system of this kind; `isTold`: the model hears that it is full. */
  volume?: { kind: Volume; isTold: boolean };
  /** Only with qw-run, and with `QW_TELL=on`: a run without the hook of ours counts for nothing. */
  isHooked?: boolean;
  /** Of the user, for Claude. */
  settings?: object;
}

export type Story = 'background' | 'fork' | 'bg' | 'relaunch' | InSlot;
export type InSlot = 'stop' | 'respawn' | 'crash' | 'agents' | 'update';

/** How a small file system is limited: in blocks, in inodes, or by a quota (as root only). */
export type Volume = 'blocks' | 'inodes' | 'quota';
