// Helper processes that hang and were left behind.
import type { Failure } from '../remove/failure.js';
import { describePlace, type Whereabouts } from './whereabouts.js';

export interface Left {
  pid: number;
  where: Whereabouts;
  isGone: boolean;
}

export const describeLeft = ({ pid, where }: Left): string =>
  [`pid ${pid}`, describePlace(where)].filter(Boolean).join(' ');

export const asFailure = ({ pid, where, isGone }: Left): Failure => ({
  path: where.path || '/',
  reason: `a helper process (pid ${pid}) ${isGone ? 'hung' : 'hangs'} here${where.waitsIn && ` (${where.waitsIn})`}`,
  hint: '',
});
