// Reads the settings that an agent's user wrote. A missing file is no news. One that cannot be understood is
// reported and left out; what the agent makes of it is its own business.
import { homedir } from 'node:os';
import { isRecord } from '../checks.js';
import { codeOf, fs, O_NONBLOCK, O_RDONLY, type Stats, withFile } from '../fs.js';
import { silentOn, unseen } from '../root/mute.js';
import type { Place } from './command-target.js';
import type { BackendProfile, FoundSettings } from './profile.js';

/** Where an agent looks for its settings, the files that outweigh others last. */
export const settingsFiles = ({ settings }: BackendProfile, { env, cwd }: Place): string[] =>
  settings?.files({ env, home: env['HOME'] || homedir(), cwd }) ?? [];

/** Everything there is, in that order. `warn` hears of what cannot be read. */
export function readSettings(
  profile: BackendProfile,
  place: Place,
  warn: (line: string) => void,
): FoundSettings[] {
  return settingsFiles(profile, place).flatMap((path) => {
    try {
      return [{ path, content: profile.settings?.parse(readText(path), path) ?? {} }];
    } catch (error) {
      const loss = `qw-run does not see what it sets for ${profile.name}`;
      if (!MISSING.has(codeOf(error) ?? '')) warn(`cannot read ${path} (${reasonOf(error)}): ${loss}`);
      return [];
    }
  });
}

/**
 * Text of a regular file of moderate size, links followed, as agents do. A FIFO is not opened, and one that
 * takes its place is not waited for, nor is a mount that is known not to answer. Throws the system's error,
 * or what is wrong with it.
 */
export function readText(path: string, maxBytes = MAX_BYTES): string {
  const check = (stat: Stats) => {
    if (!stat.isFile()) throw new Error('not a regular file');
    if (stat.size > maxBytes) throw new Error(`larger than ${maxBytes / 2 ** 20} MiB`);
  };
  const silent = silentOn(path);
  if (silent) throw new Error(unseen(path, silent).reason);
  check(fs.statSync(path));
  return withFile(path, O_RDONLY | O_NONBLOCK, (fd) => {
    check(fs.fstatSync(fd));
    return fs.readFileSync(fd, 'utf8');
  });
}

/** An object. Throws for anything else. */
export function parseJson(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (isRecord(value)) return value;
  throw new Error('not a JSON object');
}

/** The same with comments in it. */
export const parseJsonWithComments = (text: string): Record<string, unknown> =>
  parseJson(text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1'));

/** What is wrong, in a word or two: never a piece of the content, which may be secret. */
export const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError ? 'not JSON' : (codeOf(error) ?? (error as Error).message);

const MISSING = new Set(['ENOENT', 'ENOTDIR']);
const MAX_BYTES = 8 * 2 ** 20;
