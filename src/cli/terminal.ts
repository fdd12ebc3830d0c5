// What a person sees at a terminal: how wide a line is, colours, one line that is written over and over.
import { inspect } from 'node:util';
import { isTerminal } from '../terminal/is-terminal.js';
import { write } from './say.js';

export interface Terminal {
  isTerminal: boolean;
  /** Infinity: nothing has to fit. */
  columns: number;
  rows: number;
}

/** stdout. A terminal of 0 columns (`ssh -tt`, `script`) does not know its width; no pipe has one. */
export function stdoutTerminal(): Terminal {
  if (!isTerminal(1)) return { isTerminal: false, columns: Infinity, rows: Infinity };
  const { columns, rows } = process.stdout;
  return { isTerminal: true, columns: columns || Infinity, rows: rows || Infinity };
}

type Name = 'bold' | 'dim' | 'red' | 'yellow';
export type Style = Name | readonly Name[];
export type Paint = (style: Style, text: string) => string;

/** Colours: on a terminal only, and not where the user wants none (no-color.org). */
export const paint = ({ NO_COLOR, TERM }: NodeJS.ProcessEnv, isTerminal: boolean): Paint =>
  isTerminal && !NO_COLOR && TERM !== 'dumb' ? painted : (_style, text) => text;

/** As `styleText` of node:util does, which Node 20.3 has not. */
const painted: Paint = (style, text) =>
  [style as Name[]].flat().reduceRight((inner, name) => {
    const [on, off] = inspect.colors[name] as [number, number];
    return `\x1b[${on}m${inner}\x1b[${off}m`;
  }, text);

interface ProgressLine {
  show(text: string): void;
  clear(): void;
}

/** A few times a second, and gone at the end; nothing where stderr is no terminal. */
export function progressLine(): ProgressLine {
  if (!isTerminal(2)) return { show: () => {}, clear: () => {} };
  let shownAt = performance.now();
  let isShown = false;
  return {
    show(text) {
      if (performance.now() - shownAt < SHOW_EVERY_MS) return;
      shownAt = performance.now();
      isShown = true;
      write(2, `\r\x1b[Kqw-tmp: ${text} …`);
    },
    clear: () => isShown && write(2, '\r\x1b[K'),
  };
}

const SHOW_EVERY_MS = 200;
