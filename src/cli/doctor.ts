// qw-tmp doctor: what decides whether sessions open, live and go, on a screen or two: facts first, then what
// to do.
import { isatty } from 'node:tty';
import { type Diagnosis, doctor as examine } from '../doctor/doctor.js';
import { QwRunError } from '../errors.js';
import type { CommandInput } from './command.js';
import { describeFacts } from './doctor-facts.js';
import { describeFindings } from './doctor-findings.js';
import { EXIT } from './exit-codes.js';
import { toJson } from './format.js';
import { paint } from './paint.js';
import { progressLine } from './progress.js';
import { write } from './say.js';

export async function doctor({ ids, root, isJson, time }: CommandInput): Promise<number> {
  if (ids.length > 0) throw new QwRunError('ERR_QW_USAGE', `doctor takes no names: ${ids[0]}`);
  const diagnosis = await watched((onProgress) => examine({ root, time, onProgress }));
  write(1, isJson ? toJson(diagnosis) : describe(diagnosis));
  return diagnosis.isHealthy ? 0 : EXIT.fellShort;
}

/** The walks yield now and then: a timer tells what takes so long. */
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
  const isTerminal = isatty(1);
  const page = { paint: paint(process.env, isTerminal), width: isTerminal ? process.stdout.columns : 100 };
  return `${describeFacts(diagnosis, page)}\n${describeFindings(diagnosis.findings, page)}`;
}

const TELL_EVERY_MS = 200;
