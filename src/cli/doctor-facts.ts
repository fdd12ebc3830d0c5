// What was found, section by section, one line each. Pure.
import type { Facts } from '../doctor/facts.js';
import { reasonOf } from '../doctor/root-findings.js';
import type { SessionSight } from '../doctor/sessions.js';
import { formatSizes } from '../doctor/size.js';
import type { Amount, PlaceFacts } from '../doctor/space.js';
import { printable } from '../options.js';
import { MAX_TMPDIR_BYTES } from '../root/layout.js';
import type { Page } from './doctor-findings.js';
import { formatAge, formatBytes, table } from './format.js';

export function describeFacts(facts: Facts, page: Page): string {
  const sections: [title: string, rows: string[][]][] = [
    ['Where sessions go', rootRows(facts)],
    ['Space', facts.places.map(placeRow)],
    ['Sessions', sessionRows(facts)],
    ['Left by agents without qw-run', legacyRows(facts)],
    ['Agents', agentRows(facts)],
    ['This machine', machineRows(facts)],
  ];
  return sections
    .filter(([, rows]) => rows.length > 0)
    .map(([title, rows]) => `${page.paint('bold', title)}\n${indented(rows, page.width)}`)
    .join('\n');
}

function indented(rows: string[][], width: number): string {
  const cells = rows.map((row) => row.map(printable));
  return table(cells, { width: width - 2, rightAligned: [] }).replace(/^(?=.)/gm, '  ');
}

const rootRows = ({ roots }: Facts): string[][] =>
  roots.map((root) => [
    root.state,
    root.path,
    `TMPDIR ${root.tmpdirBytes} of ${MAX_TMPDIR_BYTES} bytes`,
    root.refusal ? reasonOf(root) : root.why,
  ]);

function placeRow(place: PlaceFacts): string[] {
  const { mount, dir, type, atime, hasUserQuota, writeError, bytes, inodes, quota } = place;
  const options = [
    atime,
    ...(hasUserQuota ? ['quota per user'] : []),
    ...(place.options.includes('noexec') ? ['noexec'] : []),
  ].join(', ');
  const shares = [
    ...(quota?.bytes ? [`yours ${formatBytes(quota.bytes.used)} of ${formatBytes(quota.bytes.limit)}`] : []),
    ...(quota?.inodes ? [`${count(quota.inodes.used)} of ${count(quota.inodes.limit)} inodes`] : []),
  ];
  return [
    mount ?? dir,
    type ?? '?',
    writeError === null ? 'writable' : (WRITE_ERRORS[writeError] ?? writeError),
    bytes ? `${bar(bytes)} ${formatBytes(bytes.free)} free` : '?',
    inodes ? `${bar(inodes)} ${short(inodes.free)} inodes` : 'inodes without limit',
    [options, ...shares].join(', '),
  ];
}

/** `[####------] 41%` used, as df(1) has it: of what we may use, rounded up. */
export function bar({ used, free }: Pick<Amount, 'used' | 'free'>): string {
  const part = used + free <= 0 ? 1 : Math.min(1, Math.max(0, used / (used + free)));
  // Full only when it is, empty only when it is.
  const marks =
    part === 0 || part === 1 ? part * BAR : Math.min(BAR - 1, Math.max(1, Math.round(part * BAR)));
  return `[${'#'.repeat(marks)}${'-'.repeat(BAR - marks)}] ${String(Math.ceil(part * 100)).padStart(2)}%`;
}

function sessionRows({ sessions, trash }: Facts): string[][] {
  return trash.map(({ root, count: left, size, lastPassAt }) => {
    const here = sessions.filter((session) => session.root === root);
    const states = STATES.flatMap((state) => {
      const those = here.filter((session) => session.state === state);
      return those.length === 0
        ? []
        : [`${those.length} ${state} (${formatSizes(those.map((one) => one.size))})`];
    });
    return [
      root,
      [
        ...(states.length > 0 ? states : ['none']),
        left > 0 ? `trash ${formatSizes([size])}` : 'trash empty',
        lastPassAt === null ? 'never reaped' : `reaped ${formatAge(Date.now() - Date.parse(lastPassAt))} ago`,
      ].join(', '),
    ];
  });
}

function legacyRows({ legacy }: Facts): string[][] {
  const shown = legacy
    .slice(0, MOST_ROWS)
    .map(({ pattern, count: many, size, stale, maker }) => [
      pattern,
      many === 1 ? '' : `${count(many)}×`,
      formatSizes([size]),
      stale.count > 0 ? `stale ${formatSizes([stale])}` : '',
      maker,
    ]);
  return legacy.length > MOST_ROWS ? [...shown, [`${legacy.length - MOST_ROWS} more`]] : shown;
}

const agentRows = ({ agents }: Facts): string[][] =>
  agents.map(({ name, version, path, sets, isOutweighed, outweighed, warnings }) => [
    name,
    version ?? '?',
    [
      'TMPDIR',
      ...Object.entries(sets).map(([variable, value]) => `${variable}=${value}`),
      ...(isOutweighed ? [`outweighs TMPDIR of ${outweighed.join(' and ') || 'your settings'}`] : []),
      ...(warnings.length > 0 ? ['see below'] : []),
    ].join(', '),
    path,
  ]);

function machineRows({ machine, environment, tmpfiles }: Facts): string[][] {
  const { procfs, watchdog, rm, isolation, node, platform, kernel, uid } = machine;
  const yes = (is: boolean, no = 'no') => (is ? 'yes' : no);
  return [
    ['system', `${platform} ${kernel.replace(/^(\d+\.\d+).*/, '$1')}, Node ${node}, uid ${uid}`],
    [
      'processes',
      `procfs ${yes(procfs.isThere)}${procfs.hidepid ? ` (hidepid=${procfs.hidepid})` : ''}, boot id ` +
        `${yes(procfs.isBootIdReadable)}`,
    ],
    [
      'watchdog',
      watchdog.shell && watchdog.bins ? `yes (${watchdog.shell}), locks ${yes(watchdog.hasFlock)}` : 'no',
    ],
    [
      'removal',
      rm ? `${rm.flavour} rm${rm.hasOneFileSystem ? ', stays on one file system' : ''}` : 'by Node',
    ],
    ['isolation', isolation?.replace(/^no isolation here: |, or leave out --isolate$/g, '') ?? 'possible'],
    [
      'reaper',
      `with each qw-run: ${environment.isReaping ? 'yes' : 'off'}; systemd-tmpfiles ages sessions: ` +
        `${yes(tmpfiles.isActive && tmpfiles.ageing.length > 0)}`,
    ],
    ...(environment.log.file === null
      ? []
      : [
          [
            'log',
            `${environment.log.file}, ${formatBytes(environment.log.bytes)}${logState(environment.log)}`,
          ],
        ]),
    ...(environment.settings.length > 0
      ? [['settings', environment.settings.map(({ name, value }) => `${name}=${value}`).join(' ')]]
      : []),
    ...(environment.session ? [['inside', `session ${environment.session}`]] : []),
  ];
}

const logState = ({ isOn, error }: Facts['environment']['log']): string =>
  isOn ? (error === null ? '' : ', not written') : ', off';

/** `16.3M`, `950k`, `812`. */
const short = (number: number): string =>
  number >= 1e6
    ? `${(number / 1e6).toFixed(1)}M`
    : number >= 1e4
      ? `${Math.floor(number / 1e3)}k`
      : `${number}`;

const WRITE_ERRORS: Record<string, string> = {
  EDQUOT: 'QUOTA USED UP',
  ENOSPC: 'FULL',
  EACCES: 'not ours',
  EROFS: 'read-only',
};
const count = (number: number): string => number.toLocaleString('en');
const STATES: readonly SessionSight['state'][] = ['live', 'held', 'kept', 'orphan', 'foreign', 'unknown'];
const BAR = 10;
const MOST_ROWS = 10;
