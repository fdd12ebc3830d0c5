// Functions of our callers that only hear of something: whatever one throws, or rejects with, is its own
// fault and must not end a pass, or a server.

/** Calls `hear`; `complain` gets what it threw or rejected with. Never throws, never rejects. */
export async function tell<T>(
  hear: ((what: T) => unknown) | undefined,
  what: T,
  complain: (error: unknown) => void = () => {},
): Promise<void> {
  try {
    await hear?.(what);
  } catch (error) {
    complain(error);
  }
}
