// So many at a time.

export interface Slots {
  areFree(): boolean;
  /** Those that wait come one after the other. */
  take(): Promise<void>;
  give(): void;
}

export function slots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    areFree: () => free > 0,
    take: async () => {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    give: () => {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    },
  };
}
