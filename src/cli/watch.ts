// qw-tmp list --watch: the list drawn again and again in its place, until somebody interrupts it. Plain text;
// no key means anything.
import { setTimeout as pause } from 'node:timers/promises';
import type { SessionInfo, SessionList } from '../reap/list-sessions.js';
import { cut } from './format.js';
import { describeRoom, sessionTable } from './list-table.js';
import { print, whyUnprinted } from './say.js';
import { stdoutTerminal, type Terminal } from './terminal.js';

interface WatchOptions {
  look(): Promise<SessionList>;
  isWide: boolean;
  everyMs: number;
}

/** Ends when nobody reads any more; Ctrl-C ends the process. */
export async function watchList({ look, isWide, everyMs }: WatchOptions): Promise<number> {
  const trend = growth();
  let before: Drawn | undefined;
  while (whyUnprinted() === undefined) {
    const list = await look();
    const grown = trend(list.sessions, performance.now());
    const terminal = stdoutTerminal();
    const lines = frame(list, { grown, isWide, terminal, time: new Date().toTimeString().slice(0, 8) });
    print(`${back(before, terminal)}${NO_WRAP}${lines.join('\n')}${WRAP}\n`);
    before = { lines: lines.length, columns: terminal.columns };
    await pause(everyMs);
  }
  return 0;
}

interface Drawn {
  lines: number;
  columns: number;
}

/**
 * Back to where the last picture began. Where a resize moved it, or lines may have wrapped, the screen is
 * cleared.
 */
function back(before: Drawn | undefined, { columns, rows }: Terminal): string {
  if (before === undefined) return '';
  const isInPlace = before.columns === columns && Number.isFinite(columns) && Number.isFinite(rows);
  return isInPlace ? `\x1b[${before.lines}A\r\x1b[J` : '\x1b[H\x1b[2J';
}

/** A wide letter may make a line longer than it was counted. */
const [NO_WRAP, WRAP] = ['\x1b[?7l', '\x1b[?7h'];

interface FrameOptions {
  /** Bytes a minute, of sessions that were seen before. */
  grown: ReadonlyMap<string, number>;
  isWide: boolean;
  terminal: Pick<Terminal, 'columns' | 'rows'>;
  time: string;
}

/** Never more lines than the terminal has rows, or the next picture would not cover them. Pure. */
export function frame(list: SessionList, { grown, isWide, terminal, time }: FrameOptions): string[] {
  const { columns: width, rows } = terminal;
  const below = [...list.headroom.map(describeRoom), `${time}, Ctrl-C ends`].map((line) => cut(line, width));
  const lines = sessionTable(list.sessions, { width, isWide, grown }).trimEnd().split('\n');
  const room = Math.max(2, rows - below.length - 2);
  const shown =
    lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`];
  return [...shown, '', ...below].slice(0, Math.max(1, rows - 1)).map((line) => line.slice(0, width));
}

/** What sessions grew by in the last minute, or since they were first seen, as bytes a minute. */
export function growth(): (sessions: readonly SessionInfo[], nowMs: number) => Map<string, number> {
  let seen: { at: number; sizes: Map<string, number> }[] = [];
  return (sessions, nowMs) => {
    seen = seen.filter(({ at }) => nowMs - at <= MINUTE_MS);
    const rates = sessions.flatMap(({ id, bytes }): [string, number][] => {
      const first = seen.find(({ sizes }) => sizes.has(id));
      if (!first || nowMs <= first.at) return [];
      return [[id, ((bytes - (first.sizes.get(id) ?? bytes)) * MINUTE_MS) / (nowMs - first.at)]];
    });
    seen.push({ at: nowMs, sizes: new Map(sessions.map(({ id, bytes }) => [id, bytes])) });
    return new Map(rates);
  };
}

const MINUTE_MS = 60_000;
