// The command line of qw-run: its help, its options, and where the command begins that it is to run.
import type { OpenSessionOptions } from '../session/settings.js';
import { type Given, type Options, optionsIn, parseOptions, readLoosely } from './parse-options.js';

export const QW_RUN_HELP = `qw-run gives a command a TMPDIR of its own and removes it when the command ends,
however it ends, together with the processes it left behind.

  qw-run claude                        an agent, exactly as without qw-run
  qw-run -- sh -c 'mktemp'             any command; the file is gone afterwards
  qw-run --label build --keep make     named; TMPDIR stays, and we say where
  qw-run --isolate tmp claude          with a /tmp of its own, removed with it

Usage: qw-run [options] [--] command [args...]

  --root DIR         managed root (default: qw-<uid> in $TMPDIR, /tmp or /var/tmp)
  --label TEXT       name shown by qw-tmp list
  --backend NAME     auto, claude, codex, gemini, cline, opencode, copilot, qwen,
                     amp or generic
  --grace DURATION   from SIGTERM to SIGKILL, such as 500ms or 5s (5s)
  --survivors WHAT   end or keep what the command leaves running (end)
  --spare NAME       never end programs of this name; may be repeated
  --daemon WHICH     codex, cline: run commands in the session (own), or in the
                     daemon that all their terminals share (shared)
  --isolate WHAT     none, tmpfs (TMPDIR in memory, gone with its last process)
                     or tmp (TMPDIR is /tmp itself, for what ignores TMPDIR)
  --size SIZE        most that fits into TMPDIR in memory (2G)
  --share PATH       with --isolate tmp: keep in sight; may be repeated
  --keep             leave TMPDIR; qw-tmp rm removes it
  --exec             become the command; nothing of ours stays beside it (qw-exec)
  --no-wait          exit at once; another process removes TMPDIR
  --no-tell          claude: do not tell the model that the disk is full, nor that
                     it runs in the background without TMPDIR
  --no-watchdog      do without the process that cleans up after kill -9
  --quiet            print nothing but errors
  --version, --help

Exit status: the command's own, or its signal; 125 qw-run failed, 126 cannot be
executed, 127 not found. Variables: QW_ROOT QW_GRACE QW_SURVIVORS QW_SPARE
QW_DAEMON QW_ISOLATE QW_MAX_AGE QW_TELL QW_WORKTREES; QW_LOG=off: no receipts;
QW_REAP=off: no pass of the reaper with each start.
`;

const OPTIONS: Options = {
  ...optionsIn(QW_RUN_HELP),
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

/**
 * Splits `qw-run [options] [--] command [args…]`. Everything from the first non-option on is the command's
 * own, so the words are read twice: loosely to find that place, strictly what is before it.
 * @throws QwRunError `ERR_QW_USAGE` in one line
 */
export function splitArgv(argv: readonly string[]): { options: Given; command: string[] } {
  const { tokens } = readLoosely(argv, OPTIONS);
  // A hyphen within `-no-wait` is read as the end of the options: not where a word of its own says so.
  const isEnd = ({ kind, index }: { kind: string; index: number }) =>
    kind === 'option-terminator' && argv[index] === '--';
  const first = tokens.find((token) => token.kind === 'positional' || isEnd(token));
  const end = first?.index ?? argv.length;
  const { values } = parseOptions(argv.slice(0, end), OPTIONS);
  return { options: values, command: argv.slice(first?.kind === 'option-terminator' ? end + 1 : end) };
}

/** The options as those of a session, for both ways to run: of the same names, and checked there. */
export const sessionOptions = (command: readonly string[], options: Given): OpenSessionOptions => ({
  ...(options as OpenSessionOptions),
  command,
  wait: !options['no-wait'],
  watchdog: !options['no-watchdog'],
  ...(options['no-tell'] ? { tell: false } : {}),
});
