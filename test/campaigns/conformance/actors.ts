// Everybody who removes something, as a process of its own that can be stopped at a step.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { qwRun, qwTmp, repoRoot } from '../../helpers/paths.js';
import { shifted } from '../../helpers/reaping.js';
import { waitUntil } from '../../helpers/wait-until.js';
import { LATER, ORPHANS, OWNER, type Stage } from './stage.js';
import { type Step, type Stepped, type Stepping, startStepped } from './steps.js';

export interface Actor {
  name: string;
  /** Gets ready; what it gives begins the removal. */
  begin(stage: Stage, role: string, step?: Step): Promise<() => Stepping>;
  /** Of its steps, in words, the first that counts; numbers from 1. */
  from(steps: readonly string[]): number;
  /** Steps are counted from the first that matches: how many come before depends on how long they take. */
  since?: string;
  /** Pattern for the call that claims that. */
  claim: string;
  /** A file that it is about to remove. */
  file(stage: Stage): string;
  /** Its exit codes. */
  codes: readonly (number | null)[];
}

/** What an agent exits with. */
const CODE = 7;

const claimOf = (name: string): string => `^renameSync \\S*/${name} \\S*trash`;

const owner: Actor = {
  name: 'owner’s end',
  codes: [CODE],
  claim: claimOf('r/[a-z0-9]{8}'),
  begin: async (stage, role, step) => {
    const { here } = stage;
    const [started, go] = ['started', 'go'].map((name) => join(here.box.cwd, `${name}-${role}`));
    const script = `umask 077; cd "$TMPDIR"; mkdir some shut; echo content | tee some/file >shut/file
      chmod 555 shut; cd /; echo "$QW_SESSION" >${started}.new; mv ${started}.new ${started}
      until [ -e ${go} ]; do sleep 0.02; done; exit ${CODE}`;
    const running = startStepped(here, qwRun, ['--', 'sh', '-c', script], step);
    await waitUntil('the agent has started', () => existsSync(started as string));
    stage.opened(readFileSync(started as string, 'utf8').trim());
    return () => {
      writeFileSync(go as string, '');
      return running;
    };
  },
  // Opened, and its agent named.
  from: (steps) => {
    const spawned = steps.findIndex((step) => step.startsWith('spawn sh'));
    return steps.findIndex((step, index) => index > spawned && step.startsWith('rename')) + 2;
  },
  file: ({ here, owned: [id = ''] }) => join(here.box.root, id, 'tmp/some/file'),
};

/** A bin that begins at once. */
const bin = (
  name: string,
  file: string,
  args: (stage: Stage) => string[],
  { codes = [0], shift = {}, ...more }: Partial<BinOptions> = {},
): Actor => ({
  name,
  codes,
  begin: async (stage, _role, step) => () =>
    startStepped(stage.here, file, args(stage), step, shifted(shift)),
  from: () => 1,
  claim: claimOf('orphan00'),
  file: ({ here }) => join(here.box.root, 'orphan00/tmp/some/file'),
  ...more,
});

interface BinOptions extends Pick<Actor, 'codes' | 'file' | 'claim' | 'since'> {
  shift: typeof LATER | Record<string, never>;
}

const rmArgs = ({ owned }: Stage): string[] => [...ORPHANS, ...owned];

export const ACTORS: readonly Actor[] = [
  owner,
  bin(
    'watchdog',
    join(repoRoot, 'dist/bin/qw-watchdog.cjs'),
    ({ here: { box } }) => [
      `${OWNER.pid}:${OWNER.startTime}:${OWNER.bootId}`,
      join(box.root, 'nolease0'),
      box.root,
    ],
    { codes: [0, 3] },
  ),
  bin('reaper', qwTmp, () => ['reap', '--json']),
  bin('rm', qwTmp, (stage) => ['rm', ...rmArgs(stage)], { codes: [0, 1] }),
  bin('rm --force', qwTmp, (stage) => ['rm', '--force', ...rmArgs(stage)], { codes: [0, 1] }),
  bin('sweep', qwTmp, () => ['reap', '--json'], {
    shift: LATER,
    claim: claimOf('-project/[0-9a-f-]{36}'),
    since: '/tmp/claude-',
    file: ({ unit }) => join(unit, 'tasks/b1.output'),
  }),
];

/** What is wrong with the end of one; `by` others may have ended its agent. */
export function wrongEnd(
  { name, codes }: Actor,
  { code, signal, stderr, stdout }: Stepped,
  by: string,
): string[] {
  const isEnded = name === owner.name && by === 'rm --force' && (signal === 'SIGTERM' || code === 143);
  const told = `${code ?? signal} ${JSON.stringify(stderr)}`;
  return [
    ...(codes.includes(code) || isEnded ? [] : [`${name} ended with ${told} ${stdout}`]),
    ...(/unexpected|node:|at .*\.(c?js|ts):/.test(stderr) ? [`${name} failed: ${told}`] : []),
  ];
}

/** Ids and paths that it says it removed, and that are there. */
export const falseWords = ({ here: { box } }: Stage, { stdout }: Stepped): string[] =>
  [...stdout.matchAll(/^removed ([a-z0-9]{8})$/gm), ...stdout.matchAll(/"id": ?"([a-z0-9]{8})",\s*"root"/g)]
    .map(([, id = '']) => id)
    .filter((id) => existsSync(join(box.root, id)))
    .map((id) => `told that ${id} is removed, and it is there`);
