// One screen for each program, examples first.

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
  --no-tell          do not tell the model when the disk is full (claude)
  --no-watchdog      do without the process that cleans up after kill -9
  --quiet            print nothing but errors
  --version, --help

Exit status: the command's own, or its signal; 125 qw-run failed, 126 cannot be
executed, 127 not found. Variables: QW_ROOT QW_GRACE QW_SURVIVORS QW_SPARE
QW_DAEMON QW_ISOLATE QW_MAX_AGE QW_TELL; QW_REAP=off: no pass of the reaper with each start.
`;

export const QW_TMP_HELP = `qw-tmp shows and removes the temp directories of qw-run's sessions.

  qw-tmp list                 what is there, who uses it, how large it is
  qw-tmp list --watch         the same, drawn again and again
  qw-tmp show k3j             one session: who, since when, what is large
  qw-tmp reap --dry-run       what nobody owns or uses any more
  qw-tmp reap                 remove that
  qw-tmp rm k3j               remove a session nobody uses
  qw-tmp log --since 1h       what became of sessions, and who ended them
  qw-tmp explain PATH         whose it is, why it is there, what removed it
  qw-tmp doctor               what is wrong here, and the command that fixes it

Usage: qw-tmp COMMAND [options]

  list, ls   sessions, sizes, free space
  show       all about one session
  reap       one pass of the reaper
  rm         removes sessions by id, label or state
  log        what became of sessions: receipts
  explain    about a path, a session or a process
  shell      your shell in the TMPDIR of a session
  roots      where sessions may lie, and forgets a directory
  doctor     a look at this machine
  help       qw-tmp help COMMAND, or qw-tmp COMMAND --help

  --root DIR        only this managed root (default: every one ever used)
  --json            for programs, errors too
  --version, --help

Exit status: 0 done, 1 something fell short (said which), 2 misuse.
Variables: QW_ROOT QW_MAX_AGE QW_SPARE QW_LOW QW_TARGET; QW_REAP=off stops qw-run's own passes;
QW_LOG=off: no receipts for qw-tmp log.
`;
