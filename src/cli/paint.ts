// Colours: on a terminal only, and not where the user wants none (no-color.org).
import { inspect } from 'node:util';

type Name = 'bold' | 'dim' | 'red' | 'yellow';
export type Style = Name | readonly Name[];
export type Paint = (style: Style, text: string) => string;

export const paint = ({ NO_COLOR, TERM }: NodeJS.ProcessEnv, isTerminal: boolean): Paint =>
  isTerminal && !NO_COLOR && TERM !== 'dumb' ? painted : (_style, text) => text;

/** As `styleText` of node:util does, which Node 20.3 has not. */
const painted: Paint = (style, text) =>
  [style as Name[]].flat().reduceRight((inner, name) => {
    const [on, off] = inspect.colors[name] as [number, number];
    return `\x1b[${on}m${inner}\x1b[${off}m`;
  }, text);
