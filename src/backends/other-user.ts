// Programs that start another one as another user. TMPDIR does not reach what they start: the loader takes it
// out of a setuid program's environment before that runs (ld.so(8)), so that not even `sudo -E` has it. Where
// root keeps it, it is its owner's alone. Pure; what was tried is in docs/messages.md.
import { programName, targetOf } from './command-target.js';

/** Short options whose value may be the next word, and those with which nothing runs. */
interface Ways {
  valued: RegExp;
  idle: RegExp;
}
const SUDO: Ways = { valued: /[CDRTUagprtu]/, idle: /[KLVhlv]/ };
const SU: Ways = { valued: /[Gcgsuw]/, idle: /[Vh]/ };

const SWITCHERS: ReadonlyMap<string, Ways> = new Map([
  ...'sudo doas pkexec'.split(' ').map((name) => [name, SUDO] as const),
  ...'su runuser'.split(' ').map((name) => [name, SU] as const),
]);

/** Long options as short ones, of all of them. */
const SHORT: ReadonlyMap<string, string> = new Map(
  (
    'list=l validate=v version=V help=h remove-timestamp=K reset-timestamp=k login=i shell=s user=u group=g ' +
    'other-user=U prompt=p chdir=D chroot=R close-from=C role=r type=t command-timeout=T host=T ' +
    'command=c session-command=c supp-group=G whitelist-environment=w'
  )
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]),
);

/** What the user of a session should know before `command` starts there; undefined where all is well. */
export function otherUserWarning(command: readonly string[]): string | undefined {
  const { word = '', kind, argsAt } = targetOf(command) ?? {};
  const name = programName(word);
  const ways = SWITCHERS.get(name);
  if (kind !== 'program' || argsAt === undefined || !ways) return undefined;
  const words = command.slice(argsAt);
  if (isIdle(words, ways)) return undefined;
  if (words.some((one) => one.startsWith('TMPDIR='))) return undefined;
  return (
    `${name} removes TMPDIR from the environment, or its user cannot write there (0700); ` +
    `start qw-run inside instead: ${name} … qw-run …`
  );
}

/** Nothing runs: it lists, validates, tells its version. `-k` alone, too. */
function isIdle(words: readonly string[], { valued, idle }: Ways): boolean {
  let letters = '';
  let at = 0;
  for (; /^--?[^-]/.test(words[at] ?? ''); at += 1) {
    const [, dashes, name = '', value] = /^(--?)([^=]+)(=.*)?$/s.exec(words[at] ?? '') ?? [];
    const all = dashes === '--' ? (SHORT.get(name) ?? '') : name;
    const end = all.search(valued);
    letters += end < 0 ? all : all.slice(0, end);
    if (end >= 0 && end === all.length - 1 && value === undefined) at += 1;
  }
  return idle.test(letters) || (/k/.test(letters) && !/[is]/.test(letters) && at >= words.length);
}
