// What a person may do about something that could not be removed.

/** Ends a line that names a failure. */
export const wayOut = (hint: string): string =>
  hint === '' ? '; the next reaper tries again' : `; try: ${hint}`;
