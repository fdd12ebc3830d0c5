# Waits for the death of an agent that nobody of us is the parent of, and keeps its lease fresh; then the watchdog does what it does
# for every owner that died: the end of this pipe is what it reads.
#
# $1 node, $2 what locks or -, $3 boot id, $4 name of the lock file or -, $5 session directory, $6 pid and $7 start time of the
# agent. PATH is the system's.
trap '' HUP INT TERM
node=$1 flock=$2 boot=$3 lock=$4 dir=$5 pid=$6 start=$7 bins=${0%/*}
[ "$flock" = - ] && flock=
cd /

# It is there, the very same process. One that nobody collects is dead, but not while other threads of it run.
is_alive() {
  line=
  { while IFS= read -r more; do line="$line $more"; done </proc/$pid/stat; } 2>/dev/null # a name may have newlines
  [ "$line" ] || return 1
  set -f
  set -- ${line##*) }
  [ "${20}" = "$start" ] || return 1
  case $1 in Z | X) [ "${18}" -gt 1 ] ;; esac
}

# As an owner that stays would: the lease is touched, and a TMPDIR that somebody removed is made again.
BEAT='touch -c -h "$1/lease.json"
  [ -e "$1/tmp" ] || [ ! -f "$1/lease.json" ] || mkdir -m 700 "$1/tmp"'

beat() {
  /bin/sh -c "$BEAT" sh "$dir"
}

# In a session of its own, to be killed as a group: a signal that was ignored at our start cannot be caught.
beat_on() {
  exec setsid /bin/sh -c "while sleep 600 && kill -0 $pid; do $BEAT; done" sh "$dir"
}

look_on() {
  looks=0
  while is_alive; do
    sleep 2
    looks=$((looks + 1))
    [ $((looks % 300)) != 0 ] || beat
  done
}

follow() {
  if command -v waitpid >/dev/null; then
    while is_alive; do
      waitpid -e -t 600 "$pid" >/dev/null
      [ $? = 3 ] || break
      beat
    done
  elif command -v pidwait >/dev/null; then
    { beat_on; } >/dev/null &
    beater=$!
    pidwait -F "$dir/.probe.$pid.0" >/dev/null
    kill -9 -$beater $beater # the second where it has not got that far
  fi
  look_on # at once where it is dead
}

{
  printf '%s\n' "$dir"
  follow
} </dev/null 2>/dev/null | /bin/sh "$bins/qw-watchdog.sh" "$node" "$bins/qw-watchdog.cjs" "$pid:$start:$boot" "$lock" "$flock" 3<&0 </dev/null >/dev/null 2>&1 &
