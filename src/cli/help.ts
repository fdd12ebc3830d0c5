// One screen for each command, examples first.

export const QW_RUN_HELP = `qw-run gives a command a TMPDIR of its own and removes it when the command ends,
however it ends, together with the processes it left behind.

  qw-run claude                        an agent, exactly as without qw-run
  qw-run -- sh -c 'mktemp'             any command; the file is gone afterwards
  qw-run --label build --keep make     named; TMPDIR stays, and we say where
  qw-run --isolate tmp claude          its /tmp, too, is its own and goes with it

Usage: qw-run [options] [--] command [args...]

  --root DIR         managed root (default: qw-<uid> in $TMPDIR, /tmp or /var/tmp)
  --label TEXT       name shown by qw-tmp list
  --backend NAME     auto, claude, codex, gemini or generic (auto)
  --grace DURATION   from SIGTERM to SIGKILL, such as 500ms or 5s (5s)
  --survivors WHAT   end or keep what the command leaves running (end)
  --spare NAME       never end programs of this name; may be repeated
  --isolate WHAT     none, tmpfs (TMPDIR in memory, gone with its last process)
                     or tmp (TMPDIR is /tmp itself, for what ignores TMPDIR)
  --size SIZE        most that fits into TMPDIR in memory (2G)
  --share PATH       with --isolate tmp: stays in sight; may be repeated
  --keep             leave TMPDIR; qw-tmp rm removes it
  --no-wait          exit at once; what was in TMPDIR is removed a little later
  --no-watchdog      do without the process that cleans up after kill -9
  --quiet            say nothing but errors
  --version, --help

Exit status: the command's own, or its signal; 125 qw-run failed, 126 cannot be
executed, 127 not found. Variables: QW_ROOT QW_GRACE QW_SURVIVORS QW_SPARE
QW_ISOLATE QW_MAX_AGE; QW_REAP=off: no pass of the reaper with each start.
`;

export const QW_TMP_HELP = `qw-tmp shows and removes the temp directories of qw-run's sessions.

  qw-tmp list                 what is there, who uses it, how large it is
  qw-tmp reap --dry-run       what nobody owns or uses any more
  qw-tmp reap                 remove that
  qw-tmp rm k3j9x0ab          remove a session nobody uses
  qw-tmp doctor               what is wrong here, and the command that mends it

Usage: qw-tmp list | reap | rm <id>... | doctor  [options]

  --root DIR        only this managed root (default: every one ever used)
  --json            for programs
  --dry-run         reap: change nothing, tell what would be done
  --max-age AGE     reap: when what nobody owns counts as stale (72h)
  --orphans WHAT    reap: wait for processes whose session lost its owner, or
                    end them (wait)
  --legacy          reap: also what agents left in /tmp without qw-run
  --low SPACE       reap: less room than this is pressure, ages shrink
                    (the larger of 5% and 64M; 5% of the inodes)
  --target SPACE    reap: up to where room is made then (twice low)
  --force           rm: end a living session before removing it
  --time DURATION   doctor: how long to look at most (10s)
  --version, --help

Exit status: 0 done, 1 something fell short (said which), 2 misuse.
Variables: QW_ROOT QW_MAX_AGE QW_SPARE QW_LOW QW_TARGET; QW_REAP=off stops qw-run's own passes.
`;
