// A TMPDIR that somebody removes under a living session is made again; whatever else vanishes, the child's status stands.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { leaseIn, leasePath, leaseWithAgent } from '../helpers/leases.js';
import { fixture } from '../helpers/paths.js';
import { preload } from '../helpers/quoted.js';
import { openWith } from '../helpers/reaping.js';
import { type Scene, scene } from '../helpers/scene.js';
import { waitUntil } from '../helpers/wait-until.js';

/** Ends with 7 when its stop file appears, having written into TMPDIR if it can. */
const AGENT = 'echo "ready $$ "; until [ -e "$STOP" ]; do sleep 0.05; done; echo x > "$TMPDIR/x"; exit 7';
/** What we do within a minute happens soon. */
const HURRY = preload(fixture('hurry-looks.cjs'));

async function open(t: Parameters<typeof scene>[0], more: NodeJS.ProcessEnv = {}) {
  const here = scene(t);
  const stop = join(here.box.dir, 'stop');
  Object.assign(here.options.env, { STOP: stop, ...more });
  const session = await openWith(here, [], AGENT);
  const lease = await leaseWithAgent(session.tmpdir);
  const end = async () => {
    writeFileSync(stop, '');
    const { code, signal, stderr } = await session.wrapper.done;
    return { code, signal, stderr: stderr.replace(/^sh: .*\n/gm, '') };
  };
  return { here, ...session, lease, end };
}

/** At once: while a tree is removed piece by piece, it may be made again already. */
function vanish(path: string, { box }: Scene): void {
  const away = mkdtempSync(join(box.dir, 'away-'));
  renameSync(path, join(away, 'it'));
}

const WELL = { code: 7, signal: null, stderr: '' };
type Gone = (tmpdir: string, here: Scene) => string;
const vanishing: [what: string, path: Gone][] = [
  ['TMPDIR', (tmpdir) => tmpdir],
  ['the whole session directory', dirname],
  ['the lease', leasePath],
  ['the root', (_tmpdir, { box }) => box.root],
];

describe('vanished', { concurrency: 3 }, () => {
  for (const [what, path] of vanishing) {
    test(`${what} is made again within a minute as it was, as often as it goes`, async (t) => {
      const { here, tmpdir, lease, end } = await open(t, HURRY);
      for (let times = 0; times < 2; times += 1) {
        vanish(path(tmpdir, here), here);
        await waitUntil('all is there', () => existsSync(tmpdir) && existsSync(leasePath(tmpdir)));
        assert.deepEqual([leaseIn(tmpdir), readdirSync(tmpdir)], [lease, []]);
        const modes = [here.box.root, dirname(tmpdir), tmpdir, leasePath(tmpdir)].map(
          (one) => statSync(one).mode & 0o7777,
        );
        assert.deepEqual(modes, [0o700, 0o700, 0o700, 0o600]);
      }
      assert.deepEqual(await end(), WELL);
      here.nothingLeft();
    });

    test(`${what} missing at the end is no fault of the child`, async (t) => {
      const { here, tmpdir, end } = await open(t);
      vanish(path(tmpdir, here), here);
      const { code, signal } = await end();
      assert.deepEqual([code, signal], [7, null]);
      here.nothingLeft();
    });
  }

  for (const [what, path] of vanishing) {
    const isSaid = what === 'the root' || what === 'the whole session directory';
    test(`${what} missing at the end ${isSaid ? 'is said in one line' : 'is not worth a word'}`, async (t) => {
      const { here, tmpdir, end } = await open(t);
      vanish(path(tmpdir, here), here);
      const said = `qw-run: ${tmpdir} was gone before its session ended: somebody else removed it\n`;
      assert.equal((await end()).stderr, isSaid ? said : '');
    });
  }

  for (const [when, more] of [
    ['within a minute', HURRY],
    ['at the end', {}],
  ] as const) {
    test(`a link in the place of TMPDIR is neither followed nor replaced, ${when}`, async (t) => {
      const { here, tmpdir, end } = await open(t, more);
      const precious = join(here.box.dir, 'precious');
      mkdirSync(precious, { mode: 0o555 });
      writeFileSync(`${precious}.txt`, 'mine');
      vanish(tmpdir, here);
      symlinkSync(precious, tmpdir);
      symlinkSync(`${precious}.txt`, join(dirname(tmpdir), 'file'));
      assert.equal((await end()).code, 7);
      assert.deepEqual(
        [statSync(precious).mode & 0o777, readFileSync(`${precious}.txt`, 'utf8')],
        [0o555, 'mine'],
      );
      here.nothingLeft();
    });
  }
});
