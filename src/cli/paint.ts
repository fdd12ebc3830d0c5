// Colours: on a terminal only, and not where the user wants none (no-color.org).
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

export const paint = ({ NO_COLOR, TERM }: NodeJS.ProcessEnv, isTerminal: boolean): Paint =>
  isTerminal && !NO_COLOR && TERM !== 'dumb' ? styleText : (_style, text) => text;
