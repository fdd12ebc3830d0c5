#!/bin/sh
# qw-run around any command. Needs qw-run and qw-tmp in PATH (in a clone: npm link).
set -eu

# A fresh TMPDIR for the command; nothing of it afterwards. The exit status is the command's own.
qw-run -- sh -c 'echo "working in $TMPDIR"; mktemp; exit 7' || echo "exited with $?"

# What it leaves running is ended, and named on stderr.
qw-run -- sh -c 'sleep 1000 & echo "left a sleep running"'

# --keep leaves TMPDIR to be looked at, until somebody removes it.
qw-run --keep --label trace -- sh -c 'echo "step 1 failed" > "$TMPDIR/log"'
qw-tmp list

# Programs ask with --json.
find_tmpdir='JSON.parse(fs.readFileSync(0)).sessions.find(({ label }) => label === "trace").tmpdir'
tmpdir=$(qw-tmp list --json | node -p "$find_tmpdir")
cat "$tmpdir/log"
qw-tmp rm "$(basename "$(dirname "$tmpdir")")"
