// Reads the settings that an agent's user wrote. A file that is not there is no news; one that cannot be
// understood is told and left out: the agent decides itself what it makes of it.
import { homedir } from 'node:os';
import { codeOf, fs } from '../fs.js';
import type { FoundSettings, SettingsSource } from './profile.js';

export interface ReadOptions {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Hears of what cannot be read. */
  onBroken(path: string, why: string): void;
}

/** Everything there is, the files that outweigh others last. */
export function readSettings(
  source: SettingsSource | undefined,
  { env, cwd, onBroken }: ReadOptions,
): FoundSettings[] {
  if (!source) return [];
  const paths = source.files({ env, home: env['HOME'] || homedir(), cwd });
  return paths.flatMap((path) => {
    try {
      return [{ path, content: source.parse(readText(path), path) }];
    } catch (error) {
      if (!MISSING.has(codeOf(error) ?? '')) onBroken(path, reasonOf(error));
      return [];
    }
  });
}

/** Text of a regular file of moderate size. Throws the system's error, or what is wrong with it. */
export function readText(path: string): string {
  // Follows links, as agents do. Before the open: that would wait for a FIFO's other end.
  const stat = fs.statSync(path);
  if (!stat.isFile()) throw new Error('not a regular file');
  if (stat.size > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES / 2 ** 20} MiB`);
  return fs.readFileSync(path, 'utf8');
}

/** An object. Throws for anything else. */
export function parseJson(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  if (isObject(value)) return value;
  throw new Error('not a JSON object');
}

/** The same with comments in it. */
export const parseJsonWithComments = (text: string): Record<string, unknown> =>
  parseJson(text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '$1'));

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong, in a word or two: never a piece of the content, which may be secret. */
export const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError ? 'not JSON' : (codeOf(error) ?? (error as Error).message);

const MISSING = new Set(['ENOENT', 'ENOTDIR']);
const MAX_BYTES = 8 * 2 ** 20;
