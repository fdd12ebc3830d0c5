# What an agent runs after a command of its failed: is the disk full? Only a write tells: four files, as one alone would
# miss inodes that have run out. With room nothing is said, and nothing but `rm` is started; else Node looks again, and
# tells the model why. In the agent's environment, so nothing of that is trusted.
#   qw-tell.sh TMPDIR NODE PROGRAM arguments for it…
tmp=$1
shift
[ -d "$tmp" ] || exit 0 # a conversation in the background may outlive its session
PATH=/usr/bin:/bin LC_ALL=C
unset NODE_OPTIONS NODE_PATH LD_PRELOAD
trap '' XFSZ 2>/dev/null # a limit of ours is no full disk: Node knows the difference
set -C                   # a new file, or none

block=xxxxxxxxxxxxxxxx
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do block=$block$block; done

is_full=
for at in 1 2 3 4; do
  { printf %s "$block" >"$tmp/.qw-probe.$$.$at"; } 2>/dev/null || is_full=yes
done
rm -f "$tmp/.qw-probe.$$".[1-4]
[ -z "$is_full" ] || [ ! -x "$1" ] || [ ! -r "$2" ] || exec "$@" "$tmp"
exit 0
