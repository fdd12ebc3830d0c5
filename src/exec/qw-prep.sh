# Makes a session for the process that is about to become its agent, and starts what watches it. Runs in a session of its
# own (setsid), so that a kill -9 of that process or of its group does not reach it: it goes on, and what watches
# finds nobody there and removes all again.
#
# $1 root, $2 id, $3 name of the lock file or -, $4 the lease, $5 mkdir, $6 sync or -, $7 pid and $8 start time of that process,
# then what starts the watching. On stdin the end of the lease: without it nothing is made. Exit 1: nothing is left, and
# somebody who can say why may try.
trap '' HUP INT TERM XFSZ
umask 077
PATH=/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin # never what an agent can write to
root=$1 id=$2 lock=$3 lease=$4 mkdir=$5 sync=$6 pid=$7 start=$8
shift 8
dir=$root/$id
probe=$dir/.probe.$pid.0

take_back() {
  rm -f "$dir/lease.json" "$probe"
  rmdir "$dir/tmp" "$dir"
  exit 1
}

# 256 KiB, in many words: a shell formats these faster than a long one.
words=%1024s
for _ in 1 2 3 4; do words=$words$words$words$words; done
read -r end || exit 1
"$mkdir" "$dir" "$dir/tmp" || { [ -e "$dir/lease.json" ] || take_back; exit 1; } # or somebody has the name
printf '%s\n' "$lease$end" >"$dir/lease.json" || take_back
# Only a write proves that there is room. The file stays, with the pid in it, for what waits for that.
printf "$words" >"$probe" || take_back
[ "$sync" = - ] || "$sync" -d "$probe" || take_back
printf '%s\n' "$pid" >"$probe" || take_back
set -C # a file that is new, or none: no link is followed
[ "$lock" = - ] || true >"$root/$lock" # `:` would end the shell where it fails
"$@" "$lock" "$dir" "$pid" "$start" &
exit 0
