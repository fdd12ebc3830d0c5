// Time for durations and deadlines.

/** Milliseconds since this process began, on a clock nobody sets. As `performance.now()`, but loading that delays a start by 1 ms. */
export const monotonicMs = (): number => process.uptime() * 1_000;
