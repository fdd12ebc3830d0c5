// Which session a word means: its id, how its id begins, or its label. A word that means none or several is
// refused before anything is done.
import { misuse, type QwRunError } from '../errors.js';
import { type SessionName, sessionNames } from '../judge/session-dirs.js';
import { didYouMean } from '../nearest.js';
import { quote } from '../quote.js';
import { SESSION_ID } from '../root/layout.js';
import type { CommandInput } from './command.js';

/**
 * The ids meant, each once. A whole id that no session has is passed on: it may have gone just now.
 * @throws QwRunError `ERR_QW_USAGE` with the candidates
 */
export const idsMeant = (words: readonly string[], sessions: readonly SessionName[]): string[] => [
  ...new Set(words.map((word) => idMeant(word, sessions))),
];

/**
 * The session that a command is about.
 * @throws QwRunError `ERR_QW_USAGE` unless it is one
 */
export async function oneSession({ names, root }: CommandInput, command: string): Promise<SessionName> {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0)
    throw misuse(`${command} needs the id of one session; see qw-tmp list`);
  const known = await sessionNames(process.env, root);
  const id = idMeant(name, known);
  const meant = known.find((one) => one.id === id);
  if (!meant) throw unknown(name, known);
  return meant;
}

function idMeant(word: string, sessions: readonly SessionName[]): string {
  if (sessions.some(({ id }) => id === word)) return word;
  const found = sessions.filter(
    ({ id, label }) => (word !== '' && label === word) || (BEGINNING.test(word) && id.startsWith(word)),
  );
  const ids = [...new Set(found.map(({ id }) => id))];
  if (ids.length > 1) throw ambiguous(word, found);
  const [id = SESSION_ID.test(word) ? word : undefined] = ids;
  if (id === undefined) throw unknown(word, sessions);
  return id;
}

function ambiguous(word: string, found: readonly SessionName[]): QwRunError {
  const shown = found.slice(0, MOST_SHOWN).map(({ id, label }) => (label === null ? id : `${id} (${label})`));
  const more = found.length > MOST_SHOWN ? ` and ${found.length - MOST_SHOWN} more` : '';
  return misuse(`${quote(word)} may be ${shown.join(', ')}${more}: nothing was done; give the whole id`);
}

function unknown(word: string, sessions: readonly SessionName[]): QwRunError {
  const isShort = /^[a-z0-9]{1,2}$/.test(word) && sessions.some(({ id }) => id.startsWith(word));
  const known = sessions.flatMap(({ id, label }) => (label === null ? [id] : [id, label]));
  const hint = (isShort ? '; give at least 3 characters of the id' : didYouMean(word, known)) || ';';
  const what = 'no id, beginning of an id or label of a session';
  return misuse(`${quote(word)} is ${what}: nothing was done${hint} see qw-tmp list`);
}

/** One or two letters are a slip as easily as a name. */
const BEGINNING = /^[a-z0-9]{3,7}$/;
const MOST_SHOWN = 8;
