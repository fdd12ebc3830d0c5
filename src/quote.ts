// Text of others in messages and commands of ours: quoted, and without control characters.
import { inspect } from 'node:util';

/** A value for a message: quoted, control characters escaped, so that it never reaches a terminal raw. */
export const quote = (value: unknown): string =>
  printable(typeof value === 'string' ? JSON.stringify(value) : inspect(value, SHORT));

/** Text of at most `length` characters. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;

/** A word of a shell's script. */
export const scriptQuote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The same of a command that a person may paste: no terminal shows control characters. */
export const shellQuote = (text: string): string =>
  text.search(CONTROLS) < 0 ? scriptQuote(text) : quoteEachByte(Buffer.from(text));

/** In octal, as bash, zsh and ksh read it. */
export function quoteEachByte(bytes: Buffer): string {
  const isPlain = (char: string) => /[\w@%+=:,./ -]/.test(char);
  const shown = [...bytes].map((byte) => {
    const char = String.fromCharCode(byte);
    return isPlain(char) ? char : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `$'${shown.join('')}'`;
}

/** A command as one could type it. */
export const commandText = (command: readonly string[]): string => command.map(shellQuote).join(' ');

/** C0, DEL, C1, line and paragraph separators, what turns the direction of a line. */
export const CONTROLS = // biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text with control characters written as `\xNN` or `\uNNNN`. */
export const printable = (text: string): string =>
  text.replace(CONTROLS, (char) => {
    const code = char.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });

/** One line, whatever it is. */
const SHORT = {
  breakLength: Infinity,
  depth: 1,
  maxArrayLength: 8,
  maxStringLength: 80,
  customInspect: false,
};
