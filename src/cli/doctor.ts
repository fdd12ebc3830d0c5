// qw-tmp doctor: the facts that decide whether sessions open, live and go, then what to do; a screen or two.
import { type Diagnosis, doctor as examine } from '../doctor/doctor.js';
import type { Finding, Weight } from '../doctor/finding.js';
import { isAnythingToDo, WEIGHTS } from '../doctor/findings.js';
import { misuse } from '../errors.js';
import { printable } from '../quote.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { describeFacts, type Page } from './doctor-facts.js';
import { cut, plural, toJson, wrap } from './format.js';
import { print } from './say.js';
import { paint, progressLine, type Style, stdoutTerminal } from './terminal.js';

const HELP = `qw-tmp doctor reports what is wrong here, and the command that fixes it. It
changes nothing.

  qw-tmp doctor                      facts first, then what to do
  qw-tmp doctor --json               the same for programs
  qw-tmp doctor --time 1m            walk large directories for longer

Usage: qw-tmp doctor [options]

  --time DURATION   how long to look at most (10s)
  --root DIR        this managed root instead of those it would choose from
  --json            for programs

Exit status: 0 nothing has to be done, 1 something has, 2 misuse.
`;

export const doctor: Command = { name: 'doctor', help: HELP, run };

async function run({ names, root, isJson, value }: CommandInput): Promise<number> {
  if (names.length > 0) throw misuse(`doctor takes no names: ${names[0]}`);
  const time = value('time');
  const diagnosis = await watched((onProgress) => examine({ root, time, onProgress }));
  print(isJson ? toJson(diagnosis) : describe(diagnosis));
  return diagnosis.isHealthy ? 0 : EXIT.fellShort;
}

/** The walks yield now and then: a timer shows what takes so long. */
async function watched<T>(look: (onProgress: (what: string) => void) => Promise<T>): Promise<T> {
  const progress = progressLine();
  let now = '';
  const timer = setInterval(() => progress.show(`looking at ${now}`), TELL_EVERY_MS).unref();
  try {
    return await look((what) => {
      now = what;
    });
  } finally {
    clearInterval(timer);
    progress.clear();
  }
}

function describe(diagnosis: Diagnosis): string {
  const { isTerminal, columns } = stdoutTerminal();
  const page = { paint: paint(process.env, isTerminal), width: columns };
  return `${describeFacts(diagnosis, page)}\n${describeFindings(diagnosis.findings, page)}`;
}

/** What to do, gravest first and last on the screen, where the eye is. Pure. */
export function describeFindings(findings: readonly Finding[], { paint, width }: Page): string {
  if (findings.length === 0) return 'nothing to do\n';
  const most = Number.isFinite(width) ? width : READABLE;
  const blocks = findings.map(({ weight, about, text, command }) => {
    // Of a long list of ids or paths the first ones are enough.
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
const TELL_EVERY_MS = 200;
