// What can happen in the model's world, as fast-check commands. `which` picks among the sessions that are there.
import fc from 'fast-check';
import { HOUR } from '../../helpers/reaping.js';
import { crash, disturb, passAndCheck } from './passes.js';
import type { Kind, OpenSession, World } from './world.js';

type Command = fc.AsyncCommand<object, World>;
type Happens<Args extends unknown[]> = (world: World, ...args: Args) => void | Promise<void>;

/** A command that always may run and whose text says what was done. */
const command = <Args extends [unknown, ...unknown[]]>(
  name: string,
  happens: Happens<Args>,
  ...args: { [Index in keyof Args]: fc.Arbitrary<Args[Index]> }
): fc.Arbitrary<Command> =>
  fc.tuple(...args).map((values) => ({
    check: () => true,
    run: async (_model, world) => happens(world, ...(values as Args)),
    toString: () => `${name}(${values.join(', ')})`,
  }));

const which = fc.nat(20);
/** A pass over little takes about so many. */
const step = fc.integer({ min: 1, max: 120 });
const pick = ({ sessions }: World, index: number): OpenSession | undefined =>
  sessions[index % sessions.length];
const kinds = fc.constantFrom<Kind>(
  'here',
  'here',
  'here',
  'here',
  'other-host',
  'other-namespace',
  'no-lease',
  'bad-lease',
);

const open = command(
  'open',
  (world, kind: Kind, isKept) => world.open(kind, isKept),
  kinds,
  fc.nat(9).map((n) => n === 0),
);

const adopt = command(
  'adopt',
  (world, index: number, isMarked: boolean) => {
    const session = pick(world, index);
    if (!session || !world.isAlive(session.owner)) return;
    session.agent = world.start(isMarked ? { tmpdir: world.tmpOf(session) } : {});
    world.writeLease(session);
  },
  which,
  fc.boolean(),
);

const leaves = (name: string, who: 'agent' | 'owner') =>
  command(
    name,
    (world, index: number, isZombie: boolean) => {
      const identity = pick(world, index)?.[who];
      const facts = identity && world.isAlive(identity) && world.processes.table.get(identity.pid);
      if (facts && isZombie) facts.isZombie = true;
      else if (facts) world.stop(facts.pid);
    },
    which,
    fc.boolean(),
  );

const survivor = command(
  'survivor',
  (world, index: number, how: string) => {
    const session = pick(world, index);
    if (!session) return;
    const [name = ''] = [...session.files.keys()].reverse();
    if (how === 'member') world.start({ tmpdir: world.tmpOf(session) });
    if (how === 'file') world.start({ fds: [world.hold(session, name)] });
    if (how === 'cwd') world.start({ cwd: world.hold(session, '') });
    if (how === 'unreadable') world.start({ isUnreadable: true });
  },
  which,
  fc.constantFrom('member', 'file', 'cwd', 'unreadable'),
);

const survivorEnds = command(
  'survivor ends',
  (world, index: number) => {
    const named = world.sessions.flatMap(({ owner, agent }) => [owner.pid, agent?.pid]);
    const pids = [...world.processes.table.keys()].filter((pid) => pid > 4_194_304 && !named.includes(pid));
    const pid = pids[index % pids.length];
    if (pid !== undefined) world.stop(pid);
  },
  which,
);

const pidComesAgain = command(
  'pid comes again',
  (world, index: number, who: 'agent' | 'owner') => {
    const identity = pick(world, index)?.[who];
    if (identity && !world.processes.table.has(identity.pid)) world.start({ pid: identity.pid });
  },
  which,
  fc.constantFrom('agent', 'owner'),
);

const write = command(
  'write',
  (world, index: number, kind: 'work' | 'output' | 'cwd') => {
    const session = pick(world, index);
    if (session) world.write(session, kind);
  },
  which,
  fc.constantFrom('work', 'output', 'output', 'cwd'),
);

const passes = command(
  'time passes, h',
  (world, hours: number) => world.pass(hours * HOUR),
  fc.constantFrom(0.1, 1, 20, 71, 73),
);
const jump = command(
  'clock jumps, h',
  (world, hours: number) => world.time.jump(hours * HOUR),
  fc.constantFrom(-80, -1, 1, 80),
);
const reboot = command('reboot', (world) => world.boot(), fc.constant(''));
const reap = command('reap', (world, isTwin: boolean) => passAndCheck(world, isTwin), fc.boolean());
const crashes = command('crash in reap', (world, n: number) => crash(world, n), step);

/** Somebody opens a file that is about to go, while the reaper is at work: either it was gone already, or it stays. */
const comesBack = command(
  'comes back while reaped',
  (world, n: number, index: number) => {
    const all = world.sessions.flatMap((session) =>
      [...session.files.keys()].map((name) => ({ session, name })),
    );
    const going = all.filter(
      ({ session, name }) => world.verdict(session) === 'unused' || world.isSwept(session, name),
    );
    const file = going[index % going.length] ?? all[index % all.length];
    if (!file) return;
    return disturb(world, n, () => {
      try {
        world.start({ fds: [world.hold(file.session, file.name)] });
        return file;
      } catch {
        return undefined;
      }
    });
  },
  step,
  which,
);

/** An owner starts its agent, names it or not, and dies while the reaper is at work. */
export const startsAndDies = command(
  'starts its agent and dies while reaped',
  (world, n: number, index: number) => {
    const session = pick(world, index);
    if (!session || world.verdict(session) !== 'live') return;
    return disturb(world, n, () => {
      world.start({ tmpdir: world.tmpOf(session) });
      world.stop(session.owner.pid);
      return { session, name: 'd/work' };
    });
  },
  step,
  which,
);

/** Several of a kind are likelier. */
export const happenings = [
  ...[open, open, open, adopt, adopt, leaves('agent exits', 'agent'), survivor, survivorEnds, pidComesAgain],
  ...[leaves('owner dies', 'owner'), leaves('owner dies', 'owner'), write, passes, passes, jump, reboot],
  ...[reap, reap, reap, crashes, crashes, comesBack, comesBack],
];
