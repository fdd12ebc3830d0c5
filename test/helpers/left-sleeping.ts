// Shell: leaves a `sleep` behind and goes on once it bears that name. Before its exec it is one more shell, also to whoever ends it.

/** `command` becomes a `sleep` in the same process. */
export const leftSleeping = (command = 'setsid sleep 600'): string =>
  `${command} & until read -r name <"/proc/$!/comm" && [ "$name" = sleep ]; do :; done;`;
