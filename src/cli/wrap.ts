// qw-run's own story: open a session, start the command in it, let signals through, end the session, exit as
// it did.
import { setImmediate as turn } from 'node:timers/promises';
import { isRefusal } from '../errors.js';
import { codeOf, fs } from '../fs.js';
import { launchAgent } from '../process/exec.js';
import { programPaths } from '../process/find-tool.js';
import { quote } from '../quote.js';
import { makeRoom, startOwnPass } from '../reap/start-pass.js';
import { withRoom } from '../run/with-room.js';
import { adoptStarted } from '../session/adopt.js';
import { openIn } from '../session/open-session.js';
import type { Session } from '../session/session.js';
import { startIn } from '../session/start-in.js';
import { type ExitStatus, exitLike } from '../terminal/exit-like.js';
import { followStops, saveTerminal } from '../terminal/job-control.js';
import { sessionOptions } from './argv.js';
import { EXIT } from './command.js';
import type { Given } from './parse-options.js';
import { tellEnd } from './report.js';
import { say } from './say.js';
import { type Signals, watchSignals } from './signals.js';

/**
 * Runs `command` in a session of its own; ends this process as the command ended, right after
 * `beforeLeaving`.
 */
export async function wrap(
  command: readonly string[],
  options: Given,
  beforeLeaving: () => void,
): Promise<void> {
  const isQuiet = options['quiet'] === true;
  const signals = watchSignals();
  const session = await open(command, options, signals);
  if (!session) return exitLike({ code: null, signal: signals.hasBegun() });
  const restoreTerminal = saveTerminal();
  await turn(); // a signal that came while we were busy is heard only now
  const { status, pid } = signals.hasBegun()
    ? { status: { code: null, signal: signals.hasBegun() }, pid: undefined }
    : await runIn(session, command, signals, isQuiet);
  const report = await session.end({ hurry: signals.hurry, measure: false, exit: status });
  tellEnd(report, { agent: pid, isQuiet, hasWatchdog: !options['no-watchdog'] });
  if (status.signal !== null) restoreTerminal();
  beforeLeaving();
  exitLike(status);
}

/** Undefined when a signal came before it was open. */
async function open(
  command: readonly string[],
  options: Given,
  { begun }: Signals,
): Promise<Session | undefined> {
  try {
    const wanted = { ...sessionOptions(command, options), signal: begun };
    return await withRoom(wanted, (isWorthReaping) => openIn(wanted, isWorthReaping), makeRoom);
  } catch (error) {
    if (isRefusal(error, 'ERR_QW_ABORTED')) return undefined;
    throw error;
  }
}

interface Outcome {
  status: ExitStatus;
  pid: number | undefined;
}

/**
 * stdio is inherited untouched and the process group is ours: terminal, job control and supervisors work as
 * without us.
 */
function runIn(
  session: Session,
  command: readonly string[],
  signals: Signals,
  isQuiet: boolean,
): Promise<Outcome> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    const fail = (error: Error) =>
      resolve({ pid: undefined, status: { code: explainFailure(file, error), signal: null } });
    const { file: program, args: all } = session.command(file, args);
    if (!isQuiet) for (const line of session.warnings) say(line);
    if (program !== file && !isFound(file)) return fail(Object.assign(new Error(), { code: 'ENOENT' }));
    const child = startIn(session.tmpdir, () =>
      launchAgent(program, all, { stdio: 'inherit', env: session.env() }, fail),
    );
    const pid = child?.pid;
    if (child === undefined || pid === undefined) return;
    const undos = [signals.attach(child, session), followStops(child)];
    child.on('exit', (code, signal) => {
      for (const undo of undos) undo();
      resolve({ pid, status: { code, signal } });
    });
    adoptStarted(session, pid);
    startOwnPass(session.root, process.env);
  });
}

/**
 * Says why a command could not be started; gives the exit code, as a shell: 127 not found, 126 found but not
 * executable.
 */
function explainFailure(file: string, error: Error): number {
  const code = codeOf(error);
  const isThere = isFound(file);
  // execvp(3) answers EACCES also when a directory of PATH may not be searched and the command is nowhere.
  const isMissing =
    file === '' || code === 'ENOENT' || (code === 'EACCES' && !isThere && !file.includes('/'));
  if (!isMissing) say(`cannot execute ${quote(file)}: ${code ?? error.message}`);
  else if (isThere) say(`cannot execute ${quote(file)}: the interpreter in its first line does not exist`);
  else say(`command not found: ${quote(file)}${aliasHint(file)}`);
  return isMissing ? EXIT.notFound : EXIT.cannotExecute;
}

/** Some agents install themselves as an alias, which only the user's shell knows. */
function aliasHint(file: string): string {
  if (file === 'help') return '; for help on qw-run: qw-run --help';
  if (!/^[\w.+-]+$/.test(file)) return '';
  return `; if your shell has an alias of that name, give the path it stands for (see: type ${file})`;
}

const isFound = (file: string): boolean =>
  programPaths(file, '', process.env).some((path) => fs.existsSync(path));
