#!/bin/sh
# Behaves as badly as agents do: litter in TMPDIR, a read-only tree, a process that outlives it.
#   npx qw-run --label demo sh examples/messy-agent.sh
set -eu
tmp=${TMPDIR:?run this through qw-run}

echo "I am a messy agent, and this is mine: $tmp"
i=0
while [ "$i" -lt 200 ]; do
  pwd >"$tmp/claude-$(printf %04x "$i")-cwd"
  i=$((i + 1))
done
head -c 5000000 /dev/zero >"$tmp/big.output"
mkdir -p "$tmp/go/mod/cache" && touch "$tmp/go/mod/cache/lib.go" && chmod -R a-w "$tmp/go"
setsid sleep 1000 >/dev/null 2>&1 & # left its process group, its session and its parent

echo "I leave $(find "$tmp" | wc -l) entries, $(du -sh "$tmp" | cut -f1), a read-only tree and a process. Bye."
