// One screen for each command of qw-tmp, examples first.

export const LIST_HELP = `qw-tmp list shows the sessions there are, oldest first, and the space that is left.

  qw-tmp ls                          all of them
  qw-tmp ls --state held,kept        those that stay although their owner is gone
  qw-tmp ls --sort size --wide       the largest first, with their TMPDIR
  qw-tmp ls --watch                  draw it again every 2 s; Ctrl-C ends it
  qw-tmp rm $(qw-tmp ls -q --state orphan)

Usage: qw-tmp list [options]      also: qw-tmp ls

  --state STATES    only live, held, kept, orphan, foreign or unknown ones;
                    several with commas
  --sort WHAT       age, size, growth, label or state (age)
  -q, --quiet       ids only, one a line
  --wide            TMPDIR too
  --watch           draw it again and again in its place: size, growth in the
                    last minute, processes, free space; on a terminal only
  --every DURATION  with --watch: time between two looks (2s)
  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

Exit status: 0 done, 1 something could not be looked at (said which), 2 misuse.
`;

export const REAP_HELP = `qw-tmp reap removes what nobody owns or uses any more: one pass of the reaper.

  qw-tmp reap --dry-run              show what would go, change nothing
  qw-tmp reap                        remove it
  qw-tmp reap --orphans end          end what dead sessions left running, too
  qw-tmp reap --legacy --dry-run     what agents left in /tmp without qw-run

Usage: qw-tmp reap [options]

  --dry-run         change nothing, report what would be done
  --max-age AGE     at this age, what nobody owns is stale (72h); at least 1h
  --orphans WHAT    wait for processes whose session lost its owner, or end them
                    (wait)
  --legacy          also what agents left in /tmp without qw-run
  --low SPACE       less room than this is pressure, ages shrink
                    (the larger of 5% and 64M; 5% of the inodes)
  --target SPACE    up to where room is made then (twice low)
  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

Exit status: 0 done, 1 something fell short (said which), 2 misuse.
Variables: QW_ROOT QW_MAX_AGE QW_SPARE QW_LOW QW_TARGET QW_WORKTREES.
`;

export const RM_HELP = `qw-tmp rm removes sessions that nobody uses, kept ones too.

  qw-tmp rm k3j9x0ab                 by id
  qw-tmp rm k3j                      by how its id begins, where no other does
  qw-tmp rm build                    by label, where no other session has it
  qw-tmp rm --kept                   all that were kept; asks first
  qw-tmp rm --force k3j9x0ab         one that lives; end its processes first

Usage: qw-tmp rm [options] NAME...
       qw-tmp rm [options] --kept | --orphans | --all

  --kept            all that were kept: on request, or for the work in them
  --orphans         all that nobody owns or uses
  --all             both; with --force every session but the one it runs in
  -y, --yes         do not ask; without a terminal --kept and --all need it
  --force           end the processes of a living session first
  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

Exit status: 0 done, 1 something stayed (said why), 2 misuse: nothing is removed.
`;

export const DOCTOR_HELP = `qw-tmp doctor reports what is wrong here, and the command that fixes it. It
changes nothing.

  qw-tmp doctor                      facts first, then what to do
  qw-tmp doctor --json               the same for programs
  qw-tmp doctor --time 1m            walk large directories for longer

Usage: qw-tmp doctor [options]

  --time DURATION   how long to look at most (10s)
  --root DIR        this managed root instead of those it would choose from
  --json            for programs

Exit status: 0 nothing has to be done, 1 something has, 2 misuse.
`;

export const SHOW_HELP = `qw-tmp show shows all that can be seen of one session, and what would become of it.

  qw-tmp show k3j9x0ab               by id, how an id begins, or label
  qw-tmp show build --json           the same for programs

Usage: qw-tmp show NAME [options]

  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

It shows where its TMPDIR is, since when, its processes with why each counts, the
largest entries, and what would happen if it ended now.

Exit status: 0 done, 1 it cannot be looked at, 2 misuse.
`;

export const SHELL_HELP = `qw-tmp shell starts your shell in the TMPDIR of a session.

  qw-tmp shell k3j9x0ab              by id, how an id begins, or label
  echo 'du -sh *' | qw-tmp shell k3j

Usage: qw-tmp shell NAME [options]

  --root DIR        only this managed root (default: every one ever used)

The shell does not belong to the session: nothing ends it, and TMPDIR stays (held)
until the shell ends. Its environment is yours, TMPDIR too.

Exit status: the shell's own; 1 it could not be started, 2 misuse.
`;

export const ROOTS_HELP = `qw-tmp roots shows the directories that qw-tmp searches for sessions.

  qw-tmp roots                       all, with how many sessions each holds
  qw-tmp roots forget /mnt/old/qw    do not search it any more

Usage: qw-tmp roots [forget DIR...] [--json]

  forget DIR        takes DIR out of the notes and touches nothing in it. Refused
                    while it holds sessions: nobody would find them
  --json            for programs

Exit status: 0 done, 1 not forgotten (said why), 2 misuse: nothing is done.
`;

export const LOG_HELP = `qw-tmp log shows what became of sessions, whoever ended them: the receipts.

  qw-tmp log                         the last 20
  qw-tmp log --since 1h              those of the last hour
  qw-tmp log k3j9x0ab                all about one session, by id or label

Usage: qw-tmp log [NAME] [options]

  --last N          the newest N (20; all with a name or --since)
  --since DURATION  only what was written in this time
  --json            for programs

Exit status: 0 done, 1 no receipt of that name, 2 misuse.
QW_LOG=off: nobody writes any.
`;

export const EXPLAIN_HELP = `qw-tmp explain says whose something is, why it is still there or what removed it,
and when it goes.

  qw-tmp explain k3j9x0ab            a session, by id or label
  qw-tmp explain /tmp/qw-1000/x/tmp  a path
  qw-tmp explain 4711                a process

Usage: qw-tmp explain PATH | ID | LABEL | PID [options]

  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

Exit status: 0 it is of a session, or was; 1 it is not ours; 2 misuse.
`;
