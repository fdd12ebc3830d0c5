// What the logger of a server's reaper hears.
import { tell } from '../heard.js';
import { namesOf } from '../receipt/words.js';
import { endedBySession, type ReapReport } from './reap-report.js';

export interface Logger {
  info(line: string): void;
  warn(line: string): void;
}

/** One line for each; what the logger throws is dropped. */
export function wordsFor({ logger }: { logger?: Logger | undefined }) {
  const info = (text: string) => void tell((line: string) => logger?.info(line), text);
  const warn = (text: string) => void tell((line: string) => logger?.warn(line), text);
  return {
    ofPass: (report: ReapReport) => {
      const { removed, ended, swept, failed, bytes } = report;
      for (const [id, those] of endedBySession(ended))
        info(`qw-run: ended ${namesOf(those)} of session ${id}, whose owner is dead`);
      if (removed.length + swept.length > 0)
        info(`qw-run: reaped ${removed.length} sessions and ${swept.length} stale entries, ${bytes} bytes`);
      for (const place of shortOf(report))
        warn(`qw-run: ${place} is short of room, and nothing more may be removed: see qw-tmp list`);
      for (const { path, reason } of failed) warn(`qw-run: could not remove ${path}: ${reason}`);
    },
    ofFault: (error: unknown) =>
      warn(`qw-run: the reaper failed: ${error instanceof Error ? error.message : error}`),
  };
}

/** What stayed short of room although all went that may. */
const shortOf = ({ pressure }: ReapReport): string[] =>
  pressure
    .filter(({ place, isEnough }, at) => !isEnough && pressure[at + 1]?.place !== place)
    .map(({ place }) => place);
