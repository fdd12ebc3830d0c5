// A FUSE mount inside a session's TMPDIR, whose server stops answering at one operation or another. Whoever ends, lists, removes or
// examines sessions then is through in time, leaves the mount alone, names it with the way out, and treats the others as usual.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Diagnosis, EndReport, ReapReport, SessionList } from 'qw-run';
import { deadClaim } from '../helpers/claims.js';
import { start } from '../helpers/cli.js';
import { type EmptyTmp, emptyTmp } from '../helpers/empty-tmp.js';
import { ends, type FuseServer, fuseServers, noFuse } from '../helpers/hung.js';
import { type OnRequest, onRequest } from '../helpers/on-request.js';
import { qwTmp } from '../helpers/paths.js';
import { inPrivateMounts, unmountBelow } from '../helpers/private-mounts.js';
import {
  type Forged,
  forge,
  HOUR,
  identityOf,
  killed,
  leaseOf,
  openWith,
  put,
  realm,
  shifted,
} from '../helpers/reaping.js';

const skip = inPrivateMounts(import.meta.url) || noFuse();
/** Looking at a mount point asks for the first, going into it for the others; nothing in there may ever be removed. */
const OPS = ['getattr', 'opendir', 'readdir', 'unlink'] as const;

interface Stage extends EmptyTmp {
  /** Mounts at `point`, with a file in it, and stops answering `op`. */
  hangAt(point: string, op: string): Promise<FuseServer>;
  /** An orphan of the same root, which has to go as usual. */
  orphan: Forged;
}

function stage(t: TestContext): Stage {
  const serve = fuseServers(t);
  const here = emptyTmp(t);
  return {
    ...here,
    orphan: forge(here.box, 'orphan00', { lease: leaseOf('orphan00') }),
    hangAt: async (point, op) => {
      const source = join(here.box.dir, 'source');
      put(join(source, 'work/file'));
      const server = await serve(source, point);
      await server.hang(op);
      return server;
    },
  };
}

/** Named with the way out. */
const isTold = (failed: ReapReport['failed'], point: string) =>
  assert.deepEqual(
    failed.map(({ path, hint }) => [path, hint]),
    [[point, `umount ${point}`]],
  );

const inServer: [
  what: string,
  act: (server: OnRequest & { id: string }, here: Stage, point: string) => Promise<void>,
][] = [
  [
    'session.end()',
    async (server, _here, point) => {
      const { state, failed } = await server.ask<EndReport>('end');
      assert.equal(state, 'failed');
      isTold(failed, point);
    },
  ],
  [
    'listSessions()',
    async (server) => {
      const { sessions } = await server.ask<SessionList>('list');
      assert.deepEqual(
        sessions.map(({ id, state }) => [id, state]).sort(),
        [
          [server.id, 'live'],
          ['orphan00', 'orphan'],
        ].sort(),
      );
    },
  ],
  [
    'reap()',
    async (server, { orphan }) => {
      const { removed, failed } = await server.ask<ReapReport>('reap');
      assert.deepEqual(
        removed.map(({ id }) => id),
        ['orphan00'],
      );
      assert.deepEqual(failed, []); // nobody wanted to remove it
      assert.ok(!existsSync(orphan.dir));
    },
  ],
  ['startReaper()', async (server) => void (await server.ask('reaper'))],
  ['process.exit(0)', async (server) => server.tell('exit')],
];

for (const op of OPS)
  for (const [what, act] of inServer)
    test(`${what} with a mount in the TMPDIR that hangs at ${op}`, { skip }, async (t) => {
      const here = stage(t);
      const server = await onRequest(here);
      const point = join(server.tmpdir, 'm');
      await here.hangAt(point, op);
      await act(server, here, point);
      if (what !== 'process.exit(0)') server.tell('exit');
      assert.deepEqual(
        [(await ends(server.process)).code, existsSync(here.orphan.dir)],
        [0, !/eap/.test(what)],
      );
    });

type InCommand = (here: Stage, session: { id: string; point: string }) => Promise<void>;
const tmp = async (here: Stage, args: string[], env: NodeJS.ProcessEnv = {}) =>
  ends(start(qwTmp, args, { ...here.options, env: { ...here.options.env, ...env } }));

const commands: [what: string, act: InCommand][] = [
  [
    'qw-tmp list',
    async (here, { id }) => {
      const { code, stdout } = await tmp(here, ['list', '--json']);
      const list = JSON.parse(stdout) as SessionList;
      assert.deepEqual([code, list.sessions.map((one) => one.id).sort()], [0, [id, 'orphan00'].sort()]);
    },
  ],
  [
    'qw-tmp reap',
    async (here) => {
      const { code, stdout } = await tmp(here, ['reap', '--json']);
      const { removed } = JSON.parse(stdout) as ReapReport;
      assert.deepEqual([code, removed.map((one) => one.id)], [0, ['orphan00']]);
    },
  ],
  [
    'qw-tmp reap under pressure',
    async (here) => {
      const { code } = await tmp(here, ['reap', '--json', '--low', '99%'], shifted({ laterMs: 80 * HOUR }));
      assert.ok(code === 0 || code === 1);
      assert.ok(!existsSync(here.orphan.dir));
    },
  ],
  [
    'qw-tmp doctor',
    async (here) => {
      const { stdout } = await tmp(here, ['doctor', '--json']);
      const { sessions } = JSON.parse(stdout) as Diagnosis;
      assert.ok(sessions);
    },
  ],
  [
    'qw-tmp rm --force',
    async (here, { id, point }) => {
      const { code, stdout } = await tmp(here, ['rm', '--force', '--json', id]);
      assert.equal(code, 1);
      isTold((JSON.parse(stdout) as ReapReport).failed, point);
    },
  ],
];

for (const op of OPS) {
  for (const [what, act] of commands)
    test(`${what} with a mount in a TMPDIR that hangs at ${op}`, { skip }, async (t) => {
      const here = stage(t);
      const { id, tmpdir } = await openWith(here, ['--grace', '1s'], 'echo "ready $$ "; exec sleep 600');
      const point = join(tmpdir, 'm');
      await here.hangAt(point, op);
      await act(here, { id, point });
      assert.ok(existsSync(tmpdir));
    });

  test(`qw-run ends with a mount in its TMPDIR that hangs at ${op}`, { skip }, async (t) => {
    const here = stage(t);
    const { wrapper, agent, tmpdir } = await openWith(
      here,
      ['--no-watchdog'],
      'echo "ready $$ "; until test -e "$TMPDIR/../go"; do sleep 0.05; done; exit 7',
    );
    const point = join(tmpdir, 'm');
    await here.hangAt(point, op);
    put(join(tmpdir, '../go'));
    const { code, stderr } = await ends(wrapper);
    assert.deepEqual([code, existsSync(tmpdir)], [7, true], String(agent));
    assert.match(stderr, /^qw-run: [^\n]*mounted[^\n]*\n$/);
    assert.ok(stderr.includes(`umount ${point}`), stderr);
  });

  test(`the watchdog waits for a mount that hangs at ${op}, and takes the session once it is gone`, {
    skip,
  }, async (t) => {
    const here = stage(t);
    const { wrapper, agent, tmpdir } = await openWith(here, [], 'echo "ready $$ "; exec sleep 600');
    const server = await here.hangAt(join(tmpdir, 'm'), op);
    await killed(wrapper.pid);
    await killed(agent);
    const { code, stdout } = await tmp(here, ['reap', '--json']);
    isTold((JSON.parse(stdout) as ReapReport).failed, join(tmpdir, 'm'));
    assert.deepEqual([code, existsSync(tmpdir), existsSync(here.orphan.dir)], [1, true, false]);
    await killed(server.pid);
    unmountBelow(here.box.dir);
    await here.nothingLeftSoon();
  });
}

/** A live session, days later, with a stale unit in it. */
function withUnit(here: Stage): Forged & { unit: string } {
  const owner = { ...identityOf(process.pid), ...realm(), uid: 0 };
  const session = forge(here.box, 'live0000', {
    lease: leaseOf('live0000', { owner, backend: 'gemini' }),
    files: ['mine', 'gemini-shell-Ab12Cd/bgpids.tmp'],
  });
  return { ...session, unit: join(session.tmpdir, 'gemini-shell-Ab12Cd') };
}

for (const op of OPS) {
  test(`a stale unit goes beside a mount that hangs at ${op}`, { skip }, async (t) => {
    const here = stage(t);
    const { tmpdir, unit } = withUnit(here);
    await here.hangAt(join(tmpdir, 'gemini-shell-Zz99Zz'), op); // of a unit's name itself
    const { stdout } = await tmp(here, ['reap', '--json'], shifted({ laterMs: 80 * HOUR }));
    const { swept } = JSON.parse(stdout) as ReapReport;
    assert.deepEqual(
      swept.map(({ path }) => path),
      [unit],
    );
    assert.ok(existsSync(join(tmpdir, 'mine')));
  });

  test(`a stale unit with a mount in it that hangs at ${op} stays`, {
    skip,
  }, async (t) => {
    const here = stage(t);
    const owner = { ...identityOf(process.pid), ...realm(), uid: 0 };
    const unit = `claude-0/-home-me-project/${randomUUID()}`;
    const { tmpdir } = forge(here.box, 'live0000', {
      lease: leaseOf('live0000', { owner, backend: 'claude' }),
      files: [`${unit}/notes`], // no unit of its own
    });
    await here.hangAt(join(tmpdir, unit, 'm'), op);
    const { stdout } = await tmp(here, ['reap', '--json'], shifted({ laterMs: 80 * HOUR }));
    assert.deepEqual((JSON.parse(stdout) as ReapReport).swept, []);
    assert.ok(existsSync(join(tmpdir, unit, 'notes')));
  });

  test(`a dead session with a mount that hangs at ${op} in its trash stays`, {
    skip,
  }, async (t) => {
    const here = stage(t);
    const left = join(here.box.root, '.trash', `gone0000.${deadClaim()}`);
    mkdirSync(join(left, 'tmp'), { recursive: true });
    put(join(left, 'lease.json'), JSON.stringify(leaseOf('gone0000')));
    await here.hangAt(join(left, 'tmp/m'), op);
    const { stdout } = await tmp(here, ['reap', '--json']);
    const { removed, failed } = JSON.parse(stdout) as ReapReport;
    assert.deepEqual(
      removed.map(({ id }) => id),
      ['orphan00'],
    );
    assert.match(
      failed.map(({ hint }) => hint).join(),
      new RegExp(`^umount ${here.box.root}/\\.trash/gone0000\\.\\S+/tmp/m$`),
    );
  });
}

for (const below of ['', 'tmp', 'lease.json.d'])
  test(`a mount that hangs on a session's ${below || 'own directory'}: the others are treated as usual`, {
    skip,
  }, async (t) => {
    const here = stage(t);
    const { dir } = forge(here.box, 'dead0000', { lease: leaseOf('dead0000') });
    const point = join(dir, below);
    await here.hangAt(point, 'getattr');
    const listed = await tmp(here, ['list', '--json']);
    const { sessions, unseen } = JSON.parse(listed.stdout) as SessionList;
    assert.deepEqual([listed.code, sessions.map(({ id }) => id)], [1, ['orphan00']]);
    isTold(unseen, point);
    const { code, stdout } = await tmp(here, ['reap', '--json']);
    const { removed, failed } = JSON.parse(stdout) as ReapReport;
    assert.deepEqual([code, removed.map(({ id }) => id)], [1, ['orphan00']]);
    isTold(failed, point);
    const rm = await tmp(here, ['rm', 'dead0000']);
    assert.equal(rm.code, 1);
    assert.ok(rm.stderr.includes(`umount ${point}`), rm.stderr);
  });
