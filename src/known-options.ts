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
/** Of any realm: a polyfill's, a browser's. */
const isSignal: Check = (value) =>
  isRecord(value) && flag(value['aborted']) && isFunction(value['addEventListener']);
const texts = listOf(text);

export const FLAG: Kind = { is: flag, words: 'true or false' };
export const TEXT: Kind = { is: text, words: 'a string' };
export const TEXTS: Kind = { is: texts, words: 'an array of strings' };
export const NAMES: Kind = {
  is: (value) => text(value) || texts(value),
  words: 'a string or an array of them',
};
export const FUNCTION: Kind = { is: isFunction, words: 'a function' };
export const SIGNAL: Kind = { is: isSignal, words: 'an AbortSignal' };
export const VARIABLES: Kind = { is: isRecord, words: 'an object of variables' };
export const OPTIONS: Kind = { is: isRecord, words: 'an object' };
export const LOGGER: Kind = {
  is: (value) => {
    const { info, warn } = Object(value);
    return isFunction(info) && isFunction(warn);
  },
  words: 'an object with info() and warn()',
};

/**
 * Every option of `T` by name: the compiler finds one that is missing, or that is none. `true`: who reads it
 * checks it.
 */
export type OptionNames<T> = Readonly<Record<keyof T, Kind | true>>;

/**
 * Checks that `options` has no others than `known`, each of its kind. One that is undefined counts as left
 * out. Gives a plain copy: those of a class instance or a prototype count, too.
 * @throws QwRunError `ERR_QW_USAGE` naming the call, the option, and the one that may be meant
 */
export function checkOptions<T extends object>(call: string, options: T, known: OptionNames<T>): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw misuse(`${call} takes its options as an object, not ${quote(options)}`);
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !Object.hasOwn(known, name)) throw unknown(call, name, Object.keys(known));
  const taken: Partial<T> = {};
  for (const name of Object.keys(known) as (keyof T & string)[]) {
    const { [name]: value } = options;
    if (value === undefined) continue;
    const kind = known[name];
    if (kind !== true) checkKind(name, value, kind);
    taken[name] = value;
  }
  return taken as T;
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
