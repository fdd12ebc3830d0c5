# The watchdog: blocked on reading descriptor 3, whose other end is in the owner of some sessions. The owner says "bye"
# when its last session is gone; a plain end of file means that it died, SIGKILL included.
#
# $1 node, $2 the bundle that ends and removes sessions, $3 whose sessions, $4 name of the owner's lock file in a root, $5 what
# locks it (empty: nothing can), $6 what reads the next line, if not we. PATH is the system's.
# Every line is the path of a session about to be opened: its parent is a root, and the last one is remembered whole,
# since it may not have a lease yet.
#
# The bundle exits with 3 while some session is in use: look again every 2 s, after half a minute every 30 s. The same when it
# fails (out of memory, killed), but not for ever: node may be gone from there. What is left then is the reaper's.
trap '' TERM INT HUP
node=$1 bundle=$2 owner=$3 name=$4 flock=$5 next=${6:-hear}
# Two descriptors a root, for a hundred of them. A shell that runs out leaks them to its children, and fails to start these.
[ "$(ulimit -n)" -lt 256 ] 2>/dev/null && flock=

# Reads on; its arguments are the roots so far. A new root's locks are held by what reads on inside: a shell has names for
# descriptors up to 9 only, and keeps the outer ones above, closed for its children.
watch() {
  while $next; do
    [ "$line" = bye ] && exit 0
    last=$line root=${line%/*} seen=
    for known do [ "$known" = "$root" ] && seen=1; done
    [ "$seen" ] && continue
    set -- "$@" "$root"
    lock=$root/$name
    [ "$flock" ] && [ $# -le 100 ] && [ -f "$lock" ] && [ ! -L "$lock" ] || continue
    # Opened to read, no file is made where the owner has just removed it; to write, that one is opened again.
    again=/proc/self/fd/4
    [ -e /proc/self/fd ] || again=$lock
    hold "$@" 4<"$lock" 4<>"$again" 5<"$root/." # comes back only where one of them cannot be opened
  done
  finish "$@"
}

hear() {
  IFS= read -r line
}

# Exclusive on the owner's file: it lives, for whoever cannot see it. Shared on the root: systemd-tmpfiles passes it over.
hold() {
  take -x 4
  take -s 5
  watch "$@"
}

# For a second: somebody may just be looking whether it is held, and look again.
take() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    "$flock" -n $1 $2 && return
    sleep 0.1
  done
}

finish() {
  looks=0 faults=0
  until "$node" "$bundle" "$owner" "$last" "$@" 4<&- 5<&-; do
    if [ $? = 3 ]; then faults=0; else faults=$((faults + 1)); fi
    [ $faults -lt 15 ] || exit 1
    looks=$((looks + 1))
    if [ $looks -lt 15 ]; then sleep 2 4<&- 5<&-; else sleep 30 4<&- 5<&-; fi
  done
  exit 0
}

# In the background, so that init adopts us: no walk of the owner's tree reaches us, no signal to its group either. From
# stdin, as `read <&3` would need one more descriptor and take their lack for the owner's end.
{
  last=
  exec <&3 3<&-
  watch
} &
