# A place of its own for one run, as the first process of a new pid namespace: nothing on the network but loopback, empty
# /tmp, /var/tmp and /dev/shm. Whatever still runs at the end goes with the namespace.
#   enter.sh 'options of setpriv' 'directories to stay visible, one a line' 'how /var/tmp/v is made, or nothing' command…
set -eu
become=$1 keep=$2 volume=$3
shift 3
ip link set lo up
newline='
'
for dir in /tmp /var/tmp /dev/shm; do
  case $newline$keep in *"$newline$dir"/*) mount --rbind "$dir" /mnt ;; esac
  mount -t tmpfs -o mode=1777 tmpfs "$dir"
  IFS=$newline
  for path in $keep; do
    case $path in "$dir"/*) mkdir -p "$path" && mount --rbind "/mnt${path#"$dir"}" "$path" ;; esac
  done
  unset IFS
done
eval "$volume" >&2
# The first process stays: it collects the orphans.
exec setpriv $become -- sh -c '"$@"; exit $?' first "$@"
