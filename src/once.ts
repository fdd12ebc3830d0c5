// What is looked at when it is asked for, and once.

/** Gives what `look` gave at the first call; one that threw is asked again. */
export function once<T>(look: () => T): () => T {
  let found: { it: T } | undefined;
  return () => {
    found ??= { it: look() };
    return found.it;
  };
}
