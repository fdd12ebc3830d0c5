// qw-tmp shell: the user's shell in a session's TMPDIR, as a user of it. It gets the environment of whoever
// asks and nothing of the session. So the session's end does not end it, and TMPDIR stays until it is gone.
import { constants } from 'node:os';
import { misuse } from '../errors.js';
import { codeOf } from '../fs.js';
import { launchShell } from '../process/exec.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { say } from './say.js';
import { oneSession } from './session-words.js';

const HELP = `qw-tmp shell starts your shell in the TMPDIR of a session.

  qw-tmp shell k3j9x0ab              by id, how an id begins, or label
  echo 'du -sh *' | qw-tmp shell k3j

Usage: qw-tmp shell NAME [options]

  --root DIR        only this managed root (default: every one ever used)

The shell does not belong to the session: nothing ends it, and TMPDIR stays (held)
until the shell ends. Its environment is yours, TMPDIR too.

Exit status: the shell's own; 1 it could not be started, 2 misuse.
`;

export const shell: Command = { name: 'shell', help: HELP, run };

async function run(input: CommandInput): Promise<number> {
  if (input.isJson) throw misuse('shell is for people: not with --json');
  const { id, tmpdir, isInMemory } = await oneSession(input, 'shell');
  if (tmpdir === undefined || isInMemory) {
    const why = isInMemory
      ? 'is in memory, where only its own processes are'
      : 'is on a mount that is not asked';
    say(`the TMPDIR of ${id} ${why}: no shell can go there`);
    return EXIT.fellShort;
  }
  return shellIn(tmpdir, process.env['SHELL'] || '/bin/sh');
}

/** Gives the shell's own exit status. */
function shellIn(tmpdir: string, file: string): Promise<number> {
  say(`${tmpdir} stays until this shell ends`);
  return new Promise((resolve) => {
    const fail = (error: Error) => {
      say(`cannot start ${file} in ${tmpdir}: ${codeOf(error) ?? error.message}`);
      resolve(EXIT.fellShort);
    };
    const child = launchShell(file, [], { cwd: tmpdir, stdio: 'inherit' }, fail);
    if (!child) return;
    // The terminal gives these to both; what they mean is the shell's business.
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => {});
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void child.kill(signal));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
