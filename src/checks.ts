// What JSON has to look like that a stranger may have written: a check for each kind of value. Pure.

export type Check = (value: unknown) => boolean;

/** What `text` says as JSON; undefined where it is none. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const text: Check = (value) => typeof value === 'string';
export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const flag: Check = (value) => typeof value === 'boolean';
export const time: Check = (value) => text(value) && Number.isFinite(Date.parse(value as string));

export const word =
  (...words: unknown[]): Check =>
  (value) =>
    words.includes(value);
export const matching =
  (pattern: RegExp): Check =>
  (value) =>
    text(value) && pattern.test(value as string);
export const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
/** Fields that are not named may be anything. */
export const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));
