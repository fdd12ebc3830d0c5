// Which version of an agent is started. Where it was installed says so, nearly always: in a path, or in the
// package.json beside the program. Else the program is asked.
import { dirname, join } from 'node:path';
import { unlessItFails } from '../errors.js';
import { attempt, fs, O_RDONLY, readAt, withFile } from '../fs.js';
import { askAgent } from '../process/exec.js';
import { parseJson, readText } from './agent-settings.js';
import { type Place, realPathOf, targetOf } from './command-target.js';
import type { BackendProfile } from './profile.js';
import { parseVersion, type Version } from './version.js';

type Agent = Pick<BackendProfile, 'pack' | 'version'>;

/**
 * The version of what `command` starts; undefined where it cannot be known. `mayAsk`: it is about to be run
 * anyway.
 */
export function versionOf(
  agent: Agent,
  command: readonly string[],
  place: Place,
  mayAsk = true,
): Version | undefined {
  const target = targetOf(command);
  if (!target) return undefined;
  if (target.kind === 'package') return parseVersion(askedFor(agent, command) ?? '');
  const path = realPathOf(target, place);
  return path === undefined ? undefined : parseVersion(installed(agent, path, mayAsk) ?? '');
}

/** `npx @anthropic-ai/claude-code@2.1.50`, also as its `--package`. */
function askedFor({ pack }: Agent, command: readonly string[]): string | undefined {
  const spec = command.find((word) => word.replace(/^--package=/, '').startsWith(`${pack}@`));
  return spec?.slice(spec.lastIndexOf('@') + 1);
}

function installed({ pack, version }: Agent, path: string, mayAsk: boolean): string | undefined {
  const named = version?.path.exec(path)?.[1];
  const above = dirname(path);
  const known = named ?? packageVersion(pack, above) ?? packageVersion(pack, dirname(above));
  // A script may do anything, also start qw-run once more: only the agent's own binary is asked.
  if (known !== undefined || !version || !mayAsk || isScript(path)) return known;
  return ask(path, version.output);
}

/** A server asks each program once, as long as it stays what it is. */
function ask(path: string, output: RegExp): string | undefined {
  const { size, mtimeMs } = fs.statSync(path);
  const program = [path, size, mtimeMs].join('\n');
  if (!answers.has(program)) {
    const { stdout, status } = askAgent(path, ['--version']);
    if (status === null) return undefined; // it took too long
    answers.set(program, output.exec(stdout)?.[1]);
  }
  return answers.get(program);
}

const answers = new Map<string, string | undefined>();

/**
 * Version of the package whose directory this is, where that is the agent's or one of its platform packages.
 */
function packageVersion(pack: string, dir: string): string | undefined {
  const json = unlessItFails(() => parseJson(readText(join(dir, 'package.json')))); // or none we understand
  return String(json?.['name']).startsWith(pack) ? String(json?.['version']) : undefined;
}

/** So is what is empty, or cannot be read. */
function isScript(path: string): boolean {
  const start = attempt(() => withFile(path, O_RDONLY, (fd) => readAt(fd, 2)));
  return start === undefined || start.length < 2 || start.toString('latin1') === '#!';
}
