// What is to be done about what lies in the roots, and about what agents left without us. Pure: facts in,
// findings out.
import type { Facts } from './facts.js';
import type { Finding } from './finding.js';
import type { SessionSight } from './sessions.js';
import { formatSizes, total } from './size.js';

export function sessionFindings(facts: Facts): Finding[] {
  const { sessions, trash, environment } = facts;
  const of = (state: SessionSight['state'], reason?: string) =>
    sessions.filter((one) => one.state === state && (reason === undefined || one.reason === reason));
  const worked = of('kept', 'worktree');
  const asked = of('kept').filter((session) => !worked.includes(session));
  const isInMemory = ({ root }: SessionSight) =>
    facts.roots.some(({ path, type }) => path === root && type === 'tmpfs');
  const gone = of('live', 'agent-gone');
  const left = trash.filter(({ count }) => count > 0);
  return [
    ...one('orphan', environment.isReaping ? 'note' : 'warning', of('orphan'), 'qw-tmp reap', (what) =>
      environment.isReaping
        ? `${what} of dead owners: the next qw-run removes them`
        : `${what} of dead owners, and qw-run's own reaper is off`,
    ),
    ...one(
      'agent-gone',
      'warning',
      gone,
      `qw-tmp rm --force ${idsOf(gone)}`,
      (what) => `${what} whose agent is gone: the server that opened them has not ended them`,
    ),
    ...one(
      'held',
      'note',
      of('held'),
      'qw-tmp reap --orphans end',
      (what) =>
        `${what} without an owner, still in use: they go when nobody uses them (qw-tmp list shows who)`,
    ),
    ...one('kept', 'note', asked, `qw-tmp rm ${idsOf(asked)}`, (what) => `${what} kept on request`),
    ...one(
      'worktree',
      worked.some(isInMemory) ? 'warning' : 'note',
      worked,
      'qw-tmp list',
      (what) =>
        `${what} kept for the git worktrees in ` +
        `them${worked.some(isInMemory) ? ', in memory: at the next boot they are gone' : ''}`,
    ),
    ...one(
      'unknown-session',
      'note',
      of('unknown'),
      `qw-tmp rm --force ${idsOf(of('unknown'))}`,
      (what) => `${what} without a lease that can be read: kept until they are old`,
    ),
    ...sessions.flatMap(fromFuture),
    ...(left.length > 0
      ? [
          {
            weight: 'note' as const,
            code: 'trash' as const,
            about: left.map(({ root }) => root).join(', '),
            text:
              `${formatSizes(left.map(({ size }) => size))} in the trash, left by a remover that died or ` +
              `may not remove it`,
            command: 'qw-tmp reap',
          },
        ]
      : []),
    ...legacyFindings(facts),
  ];
}

/** One finding for all sessions of a kind; none for none. */
function one(
  code: Finding['code'],
  weight: Finding['weight'],
  sessions: readonly SessionSight[],
  command: string,
  say: (what: string) => string,
): Finding[] {
  if (sessions.length === 0) return [];
  const what =
    `${sessions.length === 1 ? '1 session' : `${sessions.length} sessions`} ` +
    `(${formatSizes(sessions.map(({ size }) => size))})`;
  return [{ weight, code, about: idsOf(sessions), text: say(what), command }];
}

const idsOf = (sessions: readonly SessionSight[]): string => sessions.map(({ id }) => id).join(' ');

/**
 * An age below zero keeps what nobody owns until the clock has caught up. A foreign one may live: nobody
 * removes that.
 */
const fromFuture = ({ id, state, fromFuture: at }: SessionSight): Finding[] =>
  at === null
    ? []
    : [
        {
          weight: AGE_DECIDES.has(state) ? 'warning' : 'note',
          code: 'from-future',
          about: id,
          text: `its newest time is ${at}: a clock was set; until then its age says nothing`,
          command: state === 'unknown' ? `qw-tmp rm --force ${id}` : 'date',
        },
      ];

function legacyFindings({ legacy }: Facts): Finding[] {
  const stale = legacy.filter((group) => group.stale.count > 0);
  if (stale.length === 0) return [];
  const sizes = stale.map((group) => group.stale);
  const { bytes, entries } = total(sizes);
  return [
    {
      weight: bytes >= MUCH_BYTES || entries >= MANY_ENTRIES ? 'warning' : 'note',
      code: 'legacy',
      about: stale.map(({ pattern }) => pattern).join(', '),
      text: `${formatSizes(sizes)} that agents left without qw-run, stale and used by nobody`,
      command: 'qw-tmp reap --legacy',
    },
  ];
}

const AGE_DECIDES: ReadonlySet<SessionSight['state']> = new Set(['foreign', 'unknown']);
const MUCH_BYTES = 64 * 2 ** 20;
const MANY_ENTRIES = 10_000; // a tmpfs has a million or less for all
