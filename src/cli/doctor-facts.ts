// What was found, section by section, one line each. Pure.
import type { Facts } from '../doctor/findings.js';
import { reasonOf } from '../doctor/roots.js';
import { formatSizes } from '../doctor/size.js';
import type { Amount, PlaceFacts } from '../doctor/space.js';
import { STATES } from '../judge/judge.js';
import { MAX_TMPDIR_BYTES } from '../root/layout.js';
import { formatBytes, formatSince, table, withCommas } from './format.js';
import type { Paint } from './terminal.js';

export interface Page {
  paint: Paint;
  /** Columns of the terminal; Infinity where none are known. */
  width: number;
}

export function describeFacts(facts: Facts, { paint, width }: Page): string {
  const sections: [title: string, rows: string[][]][] = [
    ['Where sessions go', rootRows(facts)],
    ['Space', facts.places.map(placeRow)],
    ['Sessions', sessionRows(facts)],
    ['Left by agents without qw-run', legacyRows(facts)],
    ['Agents', agentRows(facts)],
    ['This machine', machineRows(facts)],
  ];
  const shown = sections.filter(([, rows]) => rows.length > 0);
  const indented = (rows: string[][]) => table(rows, { width: width - 2 }).replace(/^(?=.)/gm, '  ');
  return shown.map(([title, rows]) => `${paint('bold', title)}\n${indented(rows)}`).join('\n');
}

const rootRows = ({ roots }: Facts): string[][] =>
  roots.map((root) => [
    root.state,
    root.path,
    `TMPDIR ${root.tmpdirBytes} of ${MAX_TMPDIR_BYTES} bytes`,
    root.refusal ? reasonOf(root) : root.why,
  ]);

function placeRow(place: PlaceFacts): string[] {
  const { mount, dir, type, atime, options, hasUserQuota, writeError, bytes, inodes, quota } = place;
  const facts = [
    atime,
    hasUserQuota && 'quota per user',
    options.includes('noexec') && 'noexec',
    quota?.bytes && `yours ${formatBytes(quota.bytes.used)} of ${formatBytes(quota.bytes.limit)}`,
    quota?.inodes && `${withCommas(quota.inodes.used)} of ${withCommas(quota.inodes.limit)} inodes`,
  ];
  return [
    mount ?? dir,
    type ?? '?',
    writeError === null ? 'writable' : (WRITE_ERRORS[writeError] ?? writeError),
    bytes ? `${bar(bytes)} ${formatBytes(bytes.free)} free` : '?',
    inodes ? `${bar(inodes)} ${short(inodes.free)} inodes` : 'inodes without limit',
    facts.filter(Boolean).join(', '),
  ];
}

/** `[####------] 41%` used, as df(1) has it: of what we may use, rounded up. */
export function bar({ used, free }: Pick<Amount, 'used' | 'free'>): string {
  const part = used + free <= 0 ? 1 : Math.min(1, Math.max(0, used / (used + free)));
  // Full only where it is full, empty only where it is empty.
  const marks =
    part === 0 || part === 1 ? part * BAR : Math.min(BAR - 1, Math.max(1, Math.round(part * BAR)));
  return `[${'#'.repeat(marks)}${'-'.repeat(BAR - marks)}] ${String(Math.ceil(part * 100)).padStart(2)}%`;
}

const sessionRows = ({ sessions, trash }: Facts): string[][] =>
  trash.map(({ root, count, size, lastPassAt }) => {
    const states = STATES.flatMap((state) => {
      const sizes = sessions.flatMap((one) => (one.root === root && one.state === state ? [one.size] : []));
      return sizes.length > 0 ? [`${sizes.length} ${state} (${formatSizes(sizes)})`] : [];
    });
    const facts = [
      states.join(', ') || 'none',
      count > 0 ? `trash ${formatSizes([size])}` : 'trash empty',
      lastPassAt === null ? 'never reaped' : `reaped ${formatSince(lastPassAt)} ago`,
    ];
    return [root, facts.join(', ')];
  });

function legacyRows({ legacy }: Facts): string[][] {
  const rows = legacy.map(({ pattern, count, size, stale, maker }) => [
    pattern,
    count === 1 ? '' : `${withCommas(count)}×`,
    formatSizes([size]),
    stale.count > 0 ? `stale ${formatSizes([stale])}` : '',
    maker,
  ]);
  const more = rows.length - MOST_ROWS;
  return more > 0 ? [...rows.slice(0, MOST_ROWS), [`${more} more`]] : rows;
}

const agentRows = ({ agents }: Facts): string[][] =>
  agents.map(({ name, version, path, sets, isOutweighed, outweighed, warnings }) => {
    const facts = [
      'TMPDIR',
      ...Object.entries(sets).map(([variable, value]) => `${variable}=${value}`),
      isOutweighed && `outweighs TMPDIR of ${outweighed.join(' and ') || 'your settings'}`,
      warnings.length > 0 && 'see below',
    ];
    return [name, version ?? '?', facts.filter(Boolean).join(', '), path];
  });

function machineRows({ machine, environment }: Facts): string[][] {
  const { procfs, watchdog, isolation, node, platform, kernel, uid } = machine;
  const { log, settings, session, isReaping } = environment;
  const hidden = procfs.hidepid ? ` (hidepid=${procfs.hidepid})` : '';
  const isWatching = watchdog.shell && watchdog.bins;
  const logState = !log.isOn ? ', off' : log.error === null ? '' : ', not written';
  const rows: [name: string, text: string | null][] = [
    ['system', `${platform} ${kernel.replace(/^(\d+\.\d+).*/, '$1')}, Node ${node}, uid ${uid}`],
    ['processes', `procfs ${yes(procfs.isThere)}${hidden}, boot id ${yes(procfs.isBootIdReadable)}`],
    ['watchdog', isWatching ? `yes (${watchdog.shell}), locks ${yes(watchdog.hasFlock)}` : 'no'],
    ['isolation', isolation?.replace(/^no isolation here: |, or leave out --isolate$/g, '') ?? 'possible'],
    ['reaper', `with each qw-run: ${isReaping ? 'yes' : 'off'}`],
    ['log', log.file && `${log.file}, ${formatBytes(log.bytes)}${logState}`],
    ['settings', settings.map(({ name, value }) => `${name}=${value}`).join(' ')],
    ['inside', session && `session ${session}`],
  ];
  return rows.flatMap(([name, text]) => (text ? [[name, text]] : []));
}

const yes = (is: boolean): string => (is ? 'yes' : 'no');

/** `16.3M`, `950k`, `812`. */
function short(number: number): string {
  if (number >= 1e6) return `${(number / 1e6).toFixed(1)}M`;
  return number >= 1e4 ? `${Math.floor(number / 1e3)}k` : `${number}`;
}

const WRITE_ERRORS: Record<string, string> = {
  EDQUOT: 'QUOTA USED UP',
  ENOSPC: 'FULL',
  EACCES: 'not ours',
  EROFS: 'read-only',
};
const BAR = 10;
const MOST_ROWS = 10;
