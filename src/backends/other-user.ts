// Programs that start another one as another user. TMPDIR does not reach what they start: the loader takes it
// out of a setuid program's environment before that runs (ld.so(8)), so that not even `sudo -E` has it. Where
// root keeps it, it is its owner's alone. Pure; what was tried is in docs/messages.md.
import { programName, targetOf } from './command-target.js';

const SWITCHERS: ReadonlySet<string> = new Set('sudo doas pkexec su runuser'.split(' '));
/** With these as the first word nothing runs: lists, versions, help. */
const IDLE: ReadonlySet<string> = new Set(
  '-l -v -V -K -k -h -L --list --validate --version --remove-timestamp --reset-timestamp --help'.split(' '),
);

/** What the user of a session should know before `command` starts there; undefined where all is well. */
export function otherUserWarning(command: readonly string[]): string | undefined {
  const { word = '', kind, argsAt } = targetOf(command) ?? {};
  const name = programName(word);
  if (kind !== 'program' || argsAt === undefined || !SWITCHERS.has(name)) return undefined;
  const words = command.slice(argsAt);
  const isLogin = name === 'su' || name === 'runuser'; // -l of these
  if (IDLE.has(words[0] ?? '') && !(isLogin && words[0] === '-l')) return undefined;
  if (words.some((one) => one.startsWith('TMPDIR='))) return undefined;
  return (
    `${name} removes TMPDIR from the environment, or its user cannot write there (0700); ` +
    `start qw-run inside instead: ${name} … qw-run …`
  );
}
