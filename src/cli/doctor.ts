// qw-tmp doctor: what decides whether sessions open, live and go, on a screen or two: facts first, then what
// to do.
import { type Diagnosis, doctor as examine } from '../doctor/doctor.js';
import { misuse } from '../errors.js';
import type { Command, CommandInput } from './command.js';
import { DOCTOR_HELP } from './command-help.js';
import { describeFacts } from './doctor-facts.js';
import { describeFindings } from './doctor-findings.js';
import { EXIT } from './exit-codes.js';
import { toJson } from './format.js';
import { paint } from './paint.js';
import { progressLine } from './progress.js';
import { print } from './say.js';
import { stdoutTerminal } from './terminal.js';

export const doctor: Command = {
  name: 'doctor',
  help: DOCTOR_HELP,
  options: { time: { type: 'string' } },
  run,
};

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

const TELL_EVERY_MS = 200;
