// Paths in lines that a shell or node takes apart: a clone may lie in a directory with spaces and quotes in its name.
import { scriptQuote } from '#src/quote.js';

/** Words of a shell's script. */
export const quoted = (...words: string[]): string => words.map(scriptQuote).join(' ');

/** The environment of a node program that requires `files` first. */
export const preload = (...files: string[]): { NODE_OPTIONS: string } => ({
  NODE_OPTIONS: files.map((file) => `--require "${file.replace(/["\\]/g, '\\$&')}"`).join(' '),
});
