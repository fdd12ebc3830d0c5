// An option that nobody knows is a mistake, not a wish: `reap({ dryrun: true })` would really reap.
import { misuse } from './errors.js';
import { didYouMean } from './nearest.js';
import { quote } from './options.js';

/** Every option of `T` by name: the compiler finds one that is missing, or that is none. */
export type OptionNames<T> = Readonly<Record<keyof T, true>>;

/**
 * Checks that `options` has no others than `known`. One that is undefined counts as left out.
 * @throws QwRunError `ERR_QW_USAGE` naming the call, the option, and the one that may be meant
 */
export function checkOptions<T>(call: string, options: T, known: OptionNames<T>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw misuse(`${call} takes its options as an object, not ${quote(options)}`);
  const names = Object.keys(known);
  const isUnknown = ([name, value]: [string, unknown]) => value !== undefined && !Object.hasOwn(known, name);
  const [name] = Object.entries(options).find(isUnknown) ?? [];
  if (name === undefined) return;
  const way = didYouMean(name, names) || `; it takes ${names.join(', ')}`;
  throw misuse(`${call} has no option ${quote(name)}${way}`);
}
