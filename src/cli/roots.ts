// qw-tmp roots: where sessions may lie; `forget` takes a directory out of what is searched.
import { resolve } from 'node:path';
import { misuse } from '../errors.js';
import { sessionsUnder } from '../judge/session-dirs.js';
import { didYouMean } from '../nearest.js';
import { askForRoots } from '../process/ask-mounts.js';
import { printable, quote, shellQuote } from '../quote.js';
import { type KnownRoot, knownRoots } from '../root/known-roots.js';
import { forgetRoot, registerRoot } from '../root/registry.js';
import { safeRoots } from '../root/roots.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { table, toJson } from './format.js';
import { print, say } from './say.js';
import { stdoutTerminal } from './terminal.js';

const HELP = `qw-tmp roots shows the directories that qw-tmp searches for sessions.

  qw-tmp roots                       all, with how many sessions each holds
  qw-tmp roots forget /mnt/old/qw    do not search it any more

Usage: qw-tmp roots [forget DIR...] [--json]

  forget DIR        takes DIR out of the notes and touches nothing in it. Refused
                    while it holds sessions: nobody would find them
  --json            for programs

Exit status: 0 done, 1 not forgotten (said why), 2 misuse: nothing is done.
`;

export const roots: Command = { name: 'roots', help: HELP, run };

interface Root extends KnownRoot {
  sessions: number;
}

async function run({ names, root, isJson }: CommandInput): Promise<number> {
  const [verb, ...dirs] = names;
  if (root !== undefined) throw misuse('roots shows all roots: it has no option --root');
  if (verb !== undefined && verb !== 'forget')
    throw misuse(`roots knows only forget: ${quote(verb)}; see qw-tmp roots --help`);
  await askForRoots(process.env, undefined);
  const known = await withSessions(knownRoots(process.env));
  if (verb === 'forget') return forget(dirs, known, isJson);
  print(isJson ? toJson({ version: 1, roots: known }) : describe(known));
  return 0;
}

const withSessions = (known: readonly KnownRoot[]): Promise<Root[]> =>
  Promise.all(
    known.map(async (one) => ({ ...one, sessions: one.state === 'root' ? await countIn(one.path) : 0 })),
  );

const countIn = async (root: string): Promise<number> =>
  safeRoots([root]).length > 0 ? (await sessionsUnder([root])).length : 0;

function describe(known: readonly Root[]): string {
  const rows = known.map(({ path, state, source, sessions, reason }) => [
    state,
    state === 'root' ? String(sessions) : '',
    source,
    reason === null || reason.includes(path) ? path : `${path}: ${reason}`,
  ]);
  return table([['STATE', 'SESSIONS', 'FROM', 'ROOT'], ...rows], {
    width: stdoutTerminal().columns,
    rightAligned: [1],
  });
}

/** All of them or none: a mistyped name changes nothing. */
async function forget(dirs: readonly string[], known: readonly Root[], isJson: boolean): Promise<number> {
  if (dirs.length === 0) throw misuse('roots forget needs a directory; see qw-tmp roots');
  const noted = known.filter(({ isNoted }) => isNoted);
  const paths = noted.map(({ path }) => path);
  const meant = dirs.map((dir) => {
    const one = noted.find(({ path }) => path === dir || path === resolve(dir));
    if (one) return one;
    const hint = didYouMean(dir, paths);
    throw misuse(`${quote(dir)} is not noted: nothing was done${hint || ';'} see qw-tmp roots`);
  });
  const used = meant.find(({ sessions }) => sessions > 0);
  if (used) return refuse(used.path, used.sessions);
  const forgotten: string[] = [];
  for (const { path, state } of meant) {
    if (!forgetRoot(path, process.env)) continue;
    // Somebody who opened a session there meanwhile may still have found it in the notes.
    const sessions = state === 'unseen' ? 0 : await countIn(path);
    if (sessions === 0) forgotten.push(path);
    else {
      registerRoot(path, process.env);
      refuse(path, sessions);
    }
  }
  const lines = forgotten.map((path) => `forgot ${printable(path)}\n`).join('');
  print(isJson ? toJson({ version: 1, forgotten }) : lines);
  return forgotten.length === meant.length ? 0 : EXIT.fellShort;
}

function refuse(path: string, sessions: number): number {
  const [what, those] = sessions === 1 ? ['a session', 'it'] : [`${sessions} sessions`, 'them'];
  const remove = `qw-tmp rm --all --root ${shellQuote(path)}`;
  say(`not forgotten: ${path} holds ${what}, and nobody would find ${those} any more; first: ${remove}`);
  return EXIT.fellShort;
}
