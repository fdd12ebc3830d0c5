// What qw-tmp does: looks after sessions that are there.
import { QwRunError } from '../errors.js';
import { goInside } from '../tree/from-inside.js';
import { parseStrictly } from './argv.js';
import { doctor } from './doctor.js';
import { EXIT } from './exit-codes.js';
import { QW_TMP_HELP } from './help.js';
import { list } from './list.js';
import { reap } from './reap.js';
import { rm } from './rm.js';
import { say, write } from './say.js';

declare const QW_VERSION: string; // put in by the bundler

const COMMANDS = { list, reap, doctor, rm } as const;

/** Options that mean something to one command only. */
const ONLY: Record<string, keyof typeof COMMANDS> = {
  force: 'rm',
  'dry-run': 'reap',
  'max-age': 'reap',
  orphans: 'reap',
  legacy: 'reap',
  low: 'reap',
  target: 'reap',
  time: 'doctor',
};

/** Ends this process. `keepCompiled` is called when the command is done. */
export const main = (argv: string[], keepCompiled: () => void): Promise<void> => {
  goInside();
  return run(argv).then(
    (code) => {
      keepCompiled();
      process.exit(code);
    },
    (error: unknown) => {
      const isMisuse = error instanceof QwRunError && error.code === 'ERR_QW_USAGE';
      say(
        error instanceof QwRunError ? error.message : `unexpected: ${(error as Error)?.stack ?? error}`,
        'qw-tmp',
      );
      process.exit(isMisuse ? EXIT.misuse : EXIT.fellShort);
    },
  );
};

async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseStrictly(argv, OPTIONS, true);
  const [name, ...ids] = positionals;
  if (values['help']) return print(QW_TMP_HELP);
  if (values['version']) return print(`${QW_VERSION}\n`);
  if (name === undefined)
    throw new QwRunError(
      'ERR_QW_USAGE',
      'no command given; qw-tmp list, reap, doctor or rm <id> (see --help)',
    );
  if (!Object.hasOwn(COMMANDS, name))
    throw new QwRunError('ERR_QW_USAGE', `no such command: ${name}; see --help`);
  const misplaced = Object.keys(values).find((option) => ONLY[option] !== undefined && ONLY[option] !== name);
  if (misplaced) throw new QwRunError('ERR_QW_USAGE', `--${misplaced} means nothing to ${name}`);
  const {
    root,
    json = false,
    force = false,
    'dry-run': isDryRun = false,
    'max-age': maxAge,
    orphans,
    legacy = false,
    low,
    target,
    time,
  } = values as Values;
  const reapOptions = { isDryRun, maxAge, orphans, isLegacy: legacy, low, target };
  return COMMANDS[name as keyof typeof COMMANDS]({
    ids,
    root,
    isJson: json,
    isForced: force,
    time,
    reap: reapOptions,
  });
}

interface Values {
  root?: string;
  json?: boolean;
  force?: boolean;
  'dry-run'?: boolean;
  'max-age'?: string;
  orphans?: string;
  legacy?: boolean;
  low?: string;
  target?: string;
  time?: string;
}

function print(text: string): number {
  write(1, text);
  return 0;
}

const OPTIONS = {
  root: { type: 'string' },
  json: { type: 'boolean' },
  force: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  'max-age': { type: 'string' },
  orphans: { type: 'string' },
  legacy: { type: 'boolean' },
  low: { type: 'string' },
  target: { type: 'string' },
  time: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
