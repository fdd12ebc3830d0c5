// What one agent CLI needs to run against the stand-in, as data.

export interface AgentCli {
  /** Also the name of its program. */
  name: string;
  /** On the npm registry. */
  pack: string;
  /** Its own install script, where it needs one: npm is told to run none. */
  postinstall?: string;
  /** Variables, for a stand-in on this port of 127.0.0.1. */
  env(port: number): Record<string, string>;
  /** Files below HOME. */
  files(how: Setup): Record<string, string>;
  args(how: Setup): string[];
  /** The same in a terminal. */
  terminal?(how: Setup): string[];
  /** Only measured there. */
  isTerminalOnly?: boolean;
  /** What it keeps on purpose (settings, history, caches), as patterns. */
  keeps: readonly string[];
  /** Temporary all the same. */
  drops: readonly string[];
}

export interface Setup {
  port: number;
  /** The working directory. */
  work: string;
  /** Working directories of terminals side by side. */
  terminals?: readonly string[];
  /** Commands of the model run in the agent's own sandbox. */
  isSandboxed: boolean;
  isInDaemon: boolean;
  /** Claude's settings, on top of ours. */
  settings?: object | undefined;
}
