// The commands of qw-tmp: one row each, in the order of its help.
import type { Command } from './command.js';
import { doctor } from './doctor.js';
import { explain } from './explain.js';
import { list } from './list.js';
import { log } from './log.js';
import { reap } from './reap.js';
import { rm } from './rm.js';
import { roots } from './roots.js';
import { shell } from './shell.js';
import { show } from './show.js';

export const COMMANDS: readonly Command[] = [list, show, reap, rm, log, explain, shell, roots, doctor];
