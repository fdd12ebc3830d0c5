// What the user of a session should know of where it lies. Only what somebody may want to fix: nothing about
// a root that was named, a session in a session, or the order in which the defaults are tried. Pure.
import type { QwRunError } from '../errors.js';
import type { RootCandidate } from './locate.js';

export interface PassedOver {
  candidate: RootCandidate;
  error: QwRunError;
}

/** One line each; none where the first candidate is used. */
export function placementWarnings(
  { source, isNoexec }: RootCandidate,
  root: string,
  passedOver: readonly PassedOver[],
  isInMemory: (path: string) => boolean = () => false,
): string[] {
  if (source === 'named' || source === 'session') return [];
  const worthSaying = passedOver.filter(isWorthSaying);
  const reasons = worthSaying.map(({ error }) => error.message).join('; ');
  const warnings: string[] = [];
  if (reasons !== '') warnings.push(`TMPDIR lies in ${root}, since ${reasons}`);
  if (isInMemory(root) && worthSaying.some((one) => isTooLongOnDisk(one, isInMemory)))
    warnings.push(
      'TMPDIR lies in memory, and your own is on a disk: name a --root there that is short enough',
    );
  if (isNoexec)
    warnings.push(
      `TMPDIR lies in ${root}, on a noexec mount: programs built there do not start; name a --root elsewhere`,
    );
  return warnings;
}

/** The user's TMPDIR, on a disk: a shorter name there would do. */
const isTooLongOnDisk = ({ candidate, error }: PassedOver, isInMemory: (path: string) => boolean): boolean =>
  candidate.source === 'TMPDIR' && error.code === 'ERR_QW_ROOT_TOO_LONG' && !isInMemory(candidate.path);

/** macOS gives everybody a TMPDIR that is too long: nobody chose it. */
const isWorthSaying = ({ candidate, error }: PassedOver): boolean =>
  candidate.source !== 'session' &&
  !(error.code === 'ERR_QW_ROOT_TOO_LONG' && candidate.path.startsWith('/var/folders/'));
