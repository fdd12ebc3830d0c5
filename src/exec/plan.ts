// The plan of a start: what stays the same from one start of a command to the next, so that a shell can do it
// alone. Each line is a word and its values, with tabs between. It holds as long as what it was made from is
// as it was: the question (directory, options, variables), this boot, and what stat(1) says of the files that
// it depends on.
import { dirname, join } from 'node:path';
import { targetOf } from '../backends/command-target.js';
import { attempt, fs, quietly } from '../fs.js';
import { cleanEnv } from '../process/exec.js';
import { findTool, type Program, SHELL } from '../process/find-tool.js';
import { binsDirectory } from '../process/own-programs.js';
import { replaceFile } from '../root/replace-file.js';
import { isInsideSession } from '../root/roots.js';
import { makeStateDir, stateFile } from '../root/state.js';
import { ownUid } from '../root/trusted.js';
import type { Known } from '../session/known.js';
import { isClaimedByWrite } from '../space/probe.js';
import { environmentEdits, forAnySession } from './edits.js';
import { followArgs, followEnv } from './follow.js';
import { filesOf, sightsOf } from './plan-files.js';

/** Agents that there can be a plan for; words that make a start depend on more than its settings files. */
const CAREFUL: Partial<Record<string, readonly string[]>> = {
  generic: [],
  claude: ['--settings', '--bg', '--background', 'agents', 'attach', 'respawn'],
  codex: [],
  gemini: [],
};

/** Of these only what begins with one of its words: no daemon has to do with it, whatever else it says. */
const FIRST: Partial<Record<string, readonly string[]>> = { codex: ['exec', 'e', 'review', 'mcp-server'] };

export interface PlanRequest {
  /** Where the shell looks for it; written only where that is ours. */
  file: string;
  /** What the shell asks it. */
  question: string;
  opened: Known;
  /** Its arguments are the agent's, unchanged. */
  isAsTyped: boolean;
}

/** Writes it, where there can be one. Never throws: the next start asks again. */
export async function writePlan(request: PlanRequest): Promise<void> {
  const { file, opened } = request;
  const lines = await planLines(request).catch(() => undefined);
  const dir = dirname(file);
  if (!lines || lines.some((line) => /[\n\r\0]/.test(line))) return;
  if (stateFile('plans', opened.settings.env) !== dir) return;
  quietly(() => {
    makeStateDir(file);
    forgetOld(dir);
    replaceFile(file, [...lines, 'end', ''].join('\n'));
  });
}

async function planLines({ question, opened, isAsTyped }: PlanRequest): Promise<string[] | undefined> {
  const { root, dir, tmpdir, profile, settings, start, inside } = opened;
  const { command, env, cwd } = settings;
  const [program = ''] = command;
  const { id, lock, owner, version: _version, agent: _agent, ...said } = opened.lease.now();
  const { command: _command, cwd: _cwd, createdAt: _createdAt, bootedAt: _bootedAt, ...more } = said;
  const { bootId, pid: _pid, startTime: _startTime, ...realm } = owner;
  const careful = CAREFUL[profile.name];
  const first = FIRST[profile.name];
  if (first && !first.includes(command[1] ?? '')) return undefined;
  const bins = binsDirectory();
  const tools = findTools(isClaimedByWrite(dir));
  const isPlain = careful && !inside && settings.watchdog && !env['QW_SESSION'] && !isInsideSession(root);
  if (!isPlain || !isAsTyped || !tools || bins === undefined || bootId === '') return undefined;
  // Only where the command itself is what it starts do its arguments decide nothing.
  const target = targetOf(command);
  if (target?.word !== program || target.argsAt !== 1) return undefined;
  if (careful.some((word) => command.some((arg) => arg === word || arg.startsWith(`${word}=`))))
    return undefined;
  // Another start may have them or not.
  const base = { ...env, CLAUDE_CODE_TMPDIR: '', CLAUDE_TMPDIR: '', GEMINI_CLI_NO_RELAUNCH: '' };
  const edits = forAnySession(environmentEdits(base, start.env(base)), { id, tmpdir });
  if (edits.some((edit) => edit.includes(id))) return undefined;
  const seen = filesOf(opened, bins);
  const sights = seen && (await sightsOf(tools, seen));
  if (!sights) return undefined;
  const table = [
    ['boot', bootId],
    ['host', realm.host],
    ['absent', ...seen.absent],
    ['careful', ...careful],
    ['first', ...(first ? [command[1] ?? ''] : [])],
    ['files', ...seen.files, ...seen.dirs],
    ['sees', `* 8180 ${ownUid()} *`, ...sights, '*'],
    ['tools', tools.stat, `${bins}/qw-prep.sh`, tools.mkdir, tools.sync ?? '-'],
    ['run', ...runWords(tools.env, opened)],
    ['root', root, lock === undefined ? '-' : realm.pidNamespace],
    ['lease', JSON.stringify(program), JSON.stringify(cwd), membersOf(realm), membersOf(more)],
  ];
  if (table.flat().some((value) => value.includes('\t'))) return undefined;
  return [`question ${question}`, ...table.map((values) => values.join('\t')), ...edits];
}

/** As JSON, without the braces. */
const membersOf = (value: object): string => JSON.stringify(value).slice(1, -1);

function runWords(envTool: Program, opened: Known): string[] {
  const variables = Object.entries(cleanEnv(followEnv(opened)));
  const words = variables.flatMap(([name, value]) => (value ? [`${name}=${value}`] : []));
  return [envTool, '-i', ...words, SHELL, ...followArgs()];
}

function findTools(isClaimed: boolean) {
  const [stat, mkdir, sync, env] = ['stat', 'mkdir', 'sync', 'env'].map((name) => findTool(name));
  if (!stat || !mkdir || !env || (!isClaimed && !sync)) return undefined;
  return { stat, mkdir, env, sync: isClaimed ? undefined : sync };
}

/** A plan for each command and directory: those that nobody made anew for long are no use to anybody. */
function forgetOld(dir: string): void {
  for (const name of fs.readdirSync(dir)) {
    const path = join(dir, name);
    const stat = attempt(() => fs.lstatSync(path));
    if (stat?.isFile() && Date.now() - stat.mtimeMs > OLD_MS) fs.unlinkSync(path);
  }
}

const OLD_MS = 14 * 24 * 3_600_000;
