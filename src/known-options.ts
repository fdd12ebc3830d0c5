// What JavaScript callers may get wrong. An option that nobody knows is a mistake, not a wish:
// `reap({ dryrun: true })` would really reap. So is one of another type: `force: 'false'` would end
// processes.
import { type Check, flag, isRecord, listOf, text } from './checks.js';
import { misuse } from './errors.js';
import { didYouMean } from './nearest.js';
import { quote } from './quote.js';

/** What an option has to be. */
interface Kind {
  is: Check;
  words: string;
}

const isFunction: Check = (value) => typeof value === 'function';
const texts = listOf(text);

export const FLAG: Kind = { is: flag, words: 'true or false' };
export const TEXT: Kind = { is: text, words: 'a string' };
export const TEXTS: Kind = { is: texts, words: 'an array of strings' };
export const NAMES: Kind = {
  is: (value) => text(value) || texts(value),
  words: 'a string or an array of them',
};
export const FUNCTION: Kind = { is: isFunction, words: 'a function' };
export const SIGNAL: Kind = { is: (value) => value instanceof AbortSignal, words: 'an AbortSignal' };
export const VARIABLES: Kind = { is: isRecord, words: 'an object of variables' };
export const OPTIONS: Kind = { is: isRecord, words: 'an object' };
export const LOGGER: Kind = {
  is: (value) => isRecord(value) && isFunction(value['info']) && isFunction(value['warn']),
  words: 'an object with info() and warn()',
};

/**
 * Every option of `T` by name: the compiler finds one that is missing, or that is none. `true`: who reads it
 * checks it.
 */
export type OptionNames<T> = Readonly<Record<keyof T, Kind | true>>;

/**
 * Checks that `options` has no others than `known`, each of its kind. One that is undefined counts as left
 * out.
 * @throws QwRunError `ERR_QW_USAGE` naming the call, the option, and the one that may be meant
 */
export function checkOptions<T>(call: string, options: T, known: OptionNames<T>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw misuse(`${call} takes its options as an object, not ${quote(options)}`);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(known, name)) throw unknown(call, name, Object.keys(known));
    const kind = known[name as keyof T];
    if (kind !== true) checkKind(name, value, kind);
  }
}

/** @throws QwRunError `ERR_QW_USAGE` naming the option, what it has to be, and its value */
export function checkKind(name: string, value: unknown, { is, words }: Kind): void {
  if (!is(value)) throw misuse(`${name} must be ${words}, not ${quote(value)}`);
}

/**
 * Checks a command line.
 * @throws QwRunError `ERR_QW_USAGE`
 */
export function checkCommand(command: string, args: readonly string[]): void {
  checkKind('command', command, TEXT);
  checkKind('args', args, TEXTS);
  if ([command, ...args].some((word) => word.includes('\0')))
    throw misuse('command and args must not hold a NUL: no program can be given one');
}

/** The same of one to be started: an empty command starts nothing. */
export function checkProgram(command: string, args: readonly string[]): void {
  checkCommand(command, args);
  if (command === '') throw misuse('command must name a program, not be empty');
}

function unknown(call: string, name: string, names: readonly string[]): Error {
  const way = didYouMean(name, names) || `; it takes ${names.join(', ')}`;
  return misuse(`${call} has no option ${quote(name)}${way}`);
}
