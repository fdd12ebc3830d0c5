#!/bin/sh
# A fake agent that behaves as badly as real ones do, each in its own way: fake-agent.sh litter|output|daemons|stubborn
set -u
how=${1:?litter, output, daemons or stubborn}
tmp=${TMPDIR:?start me in a session}
work=$tmp/claude-$(id -u)/project/tasks
say() { printf '\033[36m●\033[0m %s\n' "$*" 2>/dev/null; }

say "I am an agent, and this is mine: $tmp"
case $how in
  litter) mkdir -p "$tmp/go/mod" && touch "$tmp/go/mod/lib.go" && chmod -R a-w "$tmp/go" ;; # read-only directories
  stubborn) trap '' HUP INT TERM ;;                                                          # only SIGKILL ends it
esac
mkdir -p "$work"

i=0
while [ "$i" -lt 100000 ]; do
  i=$((i + 1))
  case $how in
    litter)
      for n in 1 2 3 4 5; do echo "$PWD" >"$tmp/claude-$(printf %04x "$i$n")-cwd"; done
      say "command $i: left five files"
      ;;
    output)
      [ "$i" -le 128 ] && head -c 262144 /dev/zero >>"$work/build.output"
      say "command $i: its output is $(du -sh "$work" | cut -f1) now"
      ;;
    daemons)
      [ "$i" -le 8 ] && (setsid sh -c "sleep 1000; : $i" >/dev/null 2>&1 &) # leaves group, session and parent
      say "command $i: left a server running"
      ;;
    stubborn) say "command $i: I do not hear signals" ;;
  esac
  sleep 0.4
done
