# The watchdog of an agent that nobody of us is the parent of: waits for its death, and keeps its lease fresh.
#
# $1 node, $2 what locks or -, $3 boot id, $4 name of the lock file or -, $5 session directory, $6 pid and $7 start time of the
# agent. PATH is the system's. Descriptor 6, if there is one, is closed when the agent is dead.
trap '' HUP INT TERM
flock=$2 dir=$5 pid=$6 start=$7 bins=${0%/*}
[ "$flock" != - ] || flock=
set -- "$1" "$bins/qw-watchdog.cjs" "$pid:$start:$3" "$4" "$flock" next
cd /

# What qw-watchdog.sh hears of: the session, and nothing more as long as the agent lives. The locks are its own, not its children's.
next() {
  [ "$last" ] || { line=$dir && return; }
  {
    while is_alive && ! is_over; do command eval beat; done
    look_on # at once where it is dead
  } 4<&- 5<&-
  exec 6<&-
  return 1
}

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

# Waits, but no longer than till the next beat: 3, 124 and 137 say that it is time for that; other signals were for all of a unit.
# pidwait itself waits on, and cat for its end: it reads all of /proc when it starts.
is_over() {
  if has_waitpid; then waitpid -e -t 600 "$pid"; else command eval 'timeout -s KILL 600 cat'; fi
  case $? in
    2) read -r line; return 0 ;; # nothing can be started here: without an `eval` the shell would end
    3 | 124 | 129 | 1[3-9]?) return 1 ;;
  esac
}

has_waitpid() {
  command -v waitpid >/dev/null
}

# As an owner that stays would: the lease is touched, and a TMPDIR that somebody removed is made again.
beat() {
  touch -c -h "$dir/lease.json"
  [ -e "$dir/tmp" ] || [ ! -f "$dir/lease.json" ] || mkdir -m 700 "$dir/tmp"
}

look_on() {
  looks=0
  while is_alive; do
    sleep 2
    looks=$((looks + 1))
    [ $((looks % 300)) != 0 ] || beat
  done
}

{ has_waitpid || exec pidwait -F "$dir/.probe.$pid.0"; } | . "$bins/qw-watchdog.sh" 3<&0 &
