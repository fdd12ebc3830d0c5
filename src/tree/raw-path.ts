// Paths as bytes. A file name is any bytes but `/` and NUL, and a path that was altered to fit UTF-8 names
// something else: here every character is one byte (latin1), which compares and splits like text and goes
// to the system as it was. Pure.

/** A path with one character a byte. */
export type RawPath = string;

export const rawPath = (text: string): RawPath => Buffer.from(text).toString('latin1');

export const bytesOf = (path: RawPath): Buffer => Buffer.from(path, 'latin1');

/** For a call into the system: plain ASCII is the same in UTF-8, and quicker as a string. */
export const forSystem = (path: RawPath): string | Buffer => (isAscii(path) ? path : bytesOf(path));

/** For people, and to compare with mountinfo: bytes that are no UTF-8 are replaced. */
export const asText = (path: RawPath): string => (isAscii(path) ? path : bytesOf(path).toString());

/** `name` in `dir`; either may be empty. */
export const join = (dir: RawPath, name: RawPath): RawPath =>
  dir === '' ? name : name === '' ? dir : `${dir}/${name}`;

const isAscii = (path: RawPath): boolean => !/[\x80-\xff]/.test(path);
