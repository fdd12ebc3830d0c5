// What the user of a session should know of where it went. Pure. Only what somebody may want to mend: nothing
// of a root that was named, of a session in a session, or of the order in which we try the defaults.
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
): string[] {
  if (source === 'named' || source === 'session') return [];
  const told = passedOver.filter(isTold);
  return [
    ...(told.length > 0
      ? [`TMPDIR lies in ${root}, since ${told.map(({ error }) => error.message).join('; ')}`]
      : []),
    ...(isNoexec
      ? [
          `TMPDIR lies in ${root}, on a noexec mount: programs built there do not start; name a --root elsewhere`,
        ]
      : []),
  ];
}

/** macOS gives everybody a TMPDIR that is too long: nobody chose it. */
const isTold = ({ candidate, error }: PassedOver): boolean =>
  candidate.source !== 'session' &&
  !(error.code === 'ERR_QW_ROOT_TOO_LONG' && candidate.path.startsWith('/var/folders/'));
