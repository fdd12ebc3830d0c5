// `qw-run --exec`: becomes qw-exec, which becomes the command. A Node that cannot become another program
// stays.
import { binsDirectory } from '../process/bins.js';
import { becomeLauncher } from '../process/exec.js';
import type { WrapOptions } from './argv.js';
import { say } from './say.js';

/** Comes back where we have to stay: attached mode runs the command too. */
export function handOver(argv: readonly string[], command: readonly string[], { quiet }: WrapOptions): void {
  const bins = binsDirectory();
  const options = argv.slice(0, argv.length - command.length).filter((word) => word !== '--exec');
  const why =
    bins === undefined
      ? 'qw-exec is not beside us'
      : becomeLauncher(`${bins}/qw-exec`, [...options, ...command]);
  if (!quiet) say(`--exec: ${why}; we stay beside the command. qw-exec does without`);
}
