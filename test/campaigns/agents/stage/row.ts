// What goes into a run and what comes out of it, as JSON between the two sides of the namespace.

import type { Mode } from '../scenario.js';

export interface Run {
  cli: string;
  scenario: string;
  /** The agent's program. */
  program: string;
  /** That of the version before, where the scenario is an update. */
  older?: string;
  mode: Mode;
  /** Throw-away directories of this run. */
  home: string;
  work: string;
}

export type Exit = number | NodeJS.Signals | 'still running' | 'no result';

export interface LeftFile {
  path: string;
  bytes: number;
}

export interface Measured {
  exit: Exit;
  /** How many commands began: each says so in the working directory. */
  began: number;
  /** How many came back to the model. */
  ran: number;
  /** The model was told that the disk is full. */
  isTold: boolean;
  /** Background processes that were seen, by their names in the table. */
  started: string[];
  /** Where mktemp of the agent's command made its file, or that it failed. */
  made: string;
  /** While the agent lived without its wrapper, or somebody held TMPDIR: what should not have happened. */
  meanwhile: string[];
  /** Files, sockets and empty directories left in /tmp outside of our root. */
  tmp: LeftFile[];
  /** In our root: of sessions. */
  root: LeftFile[];
  /** In HOME (`~/…`), the working directory (`./…`), /var/tmp, /dev/shm. */
  elsewhere: LeftFile[];
  /** What still runs, before anybody here ended it. */
  processes: string[];
  /** The end of what it printed, and what it asked the stand-in for. */
  said: string;
  asked: string[];
}

/** Of a run that broke: never as expected. */
export const noResult = (why: string): Measured => ({
  ...{
    exit: 'no result',
    began: 0,
    ran: 0,
    isTold: false,
    started: [],
    made: '',
    meanwhile: ['no result'],
    tmp: [],
    root: [],
    elsewhere: [],
  },
  ...{ processes: [], said: why, asked: [] },
});
