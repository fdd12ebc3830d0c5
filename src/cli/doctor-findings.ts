// What to do, gravest first and last on the screen, where the eye is. Pure.
import type { Finding, Weight } from '../doctor/finding.js';
import { isAnythingToDo, WEIGHTS } from '../doctor/findings.js';
import { printable } from '../options.js';
import { cut, plural, wrap } from './format.js';
import type { Paint, Style } from './paint.js';

export interface Page {
  paint: Paint;
  /** Columns of the terminal; Infinity where none are known. */
  width: number;
}

export function describeFindings(findings: readonly Finding[], { paint, width }: Page): string {
  if (findings.length === 0) return 'nothing to do\n';
  const most = Number.isFinite(width) ? width : READABLE;
  const blocks = findings.map(({ weight, about, text, command }) => {
    // A list of many ids or paths says no more than its first ones.
    const lines = wrap(printable(`${cut(about, MAX_ABOUT)}: ${text}`), most - INDENT.length);
    const [first = '', ...rest] = lines;
    return [
      `${paint(STYLES[weight], weight.padEnd(INDENT.length))}${first}`,
      ...rest.map((line) => INDENT + line),
      // Never wrapped or cut: it is there to be copied.
      `${INDENT}${paint('bold', printable(command))}`,
    ].join('\n');
  });
  return `${blocks.join('\n')}\n\n${summary(findings)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const counts = WEIGHTS.flatMap((weight) => {
    const count = findings.filter((finding) => finding.weight === weight).length;
    return count === 0 ? [] : [plural(count, weight)];
  });
  return `${counts.join(', ')}${isAnythingToDo(findings) ? '' : ': nothing has to be done'}`;
}

const STYLES: Record<Weight, Style> = { problem: ['bold', 'red'], warning: 'yellow', note: 'dim' };
/** Where lines are broken, not cut. */
const READABLE = 100;
const INDENT = ' '.repeat(9);
const MAX_ABOUT = 60;
