// Shell: leaves a `sleep` behind and goes on once it bears that name. Before its exec it is one more shell, also to whoever ends it.

/** `command` becomes a `sleep` in the same process. */
export const leftSleeping = (command = 'setsid sleep 600'): string =>
  `${command} & until read -r name <"/proc/$!/comm" && [ "$name" = sleep ]; do :; done;`;

/** One that has nothing of its origin but its namespaces, perhaps in `sandbox`. It says in $TMPDIR/o who it is. */
export const bareSleeping = (sandbox = ''): string =>
  `${sandbox} env -i setsid sh -c 'echo $$ >&2; exec sleep 600' 2>"$TMPDIR/o" &
  until { read -r pid <"$TMPDIR/o" && read -r name <"/proc/$pid/comm"; } 2>/dev/null && [ "$name" = sleep ]; do :; done`;
