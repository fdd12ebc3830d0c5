// What a person sees of a line.
import { isatty } from 'node:tty';

export interface Terminal {
  isTerminal: boolean;
  /** Infinity: nothing has to fit. */
  columns: number;
  rows: number;
}

/** stdout. A terminal of 0 columns (`ssh -tt`, `script`) does not know its width; no pipe has one. */
export function stdoutTerminal(): Terminal {
  if (!isatty(1)) return { isTerminal: false, columns: Infinity, rows: Infinity };
  const { columns, rows } = process.stdout;
  return { isTerminal: true, columns: columns || Infinity, rows: rows || Infinity };
}
