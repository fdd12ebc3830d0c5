# The watchdog: blocked on reading descriptor 3, whose other end is in the owner of some sessions. The owner says "bye"
# when its last session is gone; a plain end of file means that it died, SIGKILL included.
#
# $1 node, $2 the bundle that ends and removes sessions, $3 whose sessions; after these one managed root each.
# Every line is the path of a session about to be opened: its parent is a root, and the last one is remembered whole,
# since it may not have a lease yet.
#
# The bundle exits with 3 while some session is in use: look again every 2 s, after half a minute every 30 s. The same when it
# fails (out of memory, killed), but not for ever: node may be gone from there. What is left then is the reaper's.
# In the background, so that init adopts us: no walk of the owner's tree reaches us, no signal to its group either.
trap '' TERM INT HUP
{
  last=
  while IFS= read -r line <&3; do
    [ "$line" = bye ] && exit 0
    last=$line root=${line%/*} seen=
    for known do [ "$known" = "$root" ] && seen=1; done
    [ "$seen" ] || set -- "$@" "$root"
  done
  exec 3<&-
  node=$1 bundle=$2 owner=$3
  shift 3
  looks=0 faults=0
  until "$node" "$bundle" "$owner" "$last" "$@"; do
    if [ $? = 3 ]; then faults=0; else faults=$((faults + 1)); fi
    [ $faults -lt 15 ] || exit 1
    looks=$((looks + 1))
    if [ $looks -lt 15 ]; then sleep 2; else sleep 30; fi
  done
} &
