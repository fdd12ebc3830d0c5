// What we may not remove lies in a session: another uid's directory. The rest goes, the agent's exit
// status stays, and one line says what is left, why, and a command that takes it away.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { start } from '../helpers/cli.js';
import { hintWorks, toldHint } from '../helpers/hints.js';
import { qwRun } from '../helpers/paths.js';
import { forge, ids, leaseOf, picture, put } from '../helpers/reaping.js';
import { readyPid, type Scene, scene } from '../helpers/scene.js';
import { give, giveAll, noUsers, OTHER, ownedByUser, reapAs, USER } from '../helpers/users.js';

const skip = noUsers();
/** Goes on when something is written to the FIFO beside it. */
const AGENT =
  'mkfifo go; mkdir mine; echo x > "$TMPDIR/mine"; echo "ready $$ "; read line < go; rm -r go mine; exit 7';

/** Runs an agent of USER; `meddle` does as root what only root can, in its TMPDIR. */
async function meddledWith(t: TestContext, meddle: (tmpdir: string) => void, args: string[] = []) {
  const here = scene(t);
  const options = ownedByUser(here);
  const wrapper = start(qwRun, ['--no-watchdog', ...args, '--', 'sh', '-c', AGENT], options);
  await readyPid(wrapper.says);
  const [id = ''] = ids(here.box);
  meddle(join(here.box.root, id, 'tmp'));
  writeFileSync(join(options.cwd, 'go'), 'go\n');
  const finished = await wrapper.done;
  assert.deepEqual(here.processes(), []);
  return { here, options, id, ...finished };
}

const foreignDirectory = (tmpdir: string) => {
  put(join(tmpdir, 'plain/of-mine'));
  giveAll(join(tmpdir, 'plain'), USER);
  put(join(tmpdir, 'theirs/file'));
  giveAll(join(tmpdir, 'theirs'), OTHER);
};
const theirs = ['theirs', 'theirs/file'];

/** What is left of the session, below its TMPDIR, wherever that is now. */
function remains({ box }: Scene): string[] {
  const paths = picture(box.root).map((line) => line.split(' ')[0] ?? '');
  return paths.flatMap((path) => /\/tmp\/(.+)$/.exec(path)?.[1] ?? []);
}

test("another uid's directory is left and told, everything else goes, the exit status stays", {
  skip,
}, async (t) => {
  const { here, code, signal, stderr, id } = await meddledWith(t, foreignDirectory);
  assert.deepEqual([code, signal], [7, null]);
  const hint = toldHint(stderr);
  assert.match(stderr, /theirs/);
  assert.match(stderr, /[Pp]ermission denied|not permitted/);
  assert.deepEqual(remains(here), theirs);
  assert.ok(!ids(here.box).includes(id), 'no half of a session is taken for one');
  hintWorks(here, hint);
});

test('each later pass tells it again, until the files are ours', { skip }, async (t) => {
  const { here, options } = await meddledWith(t, foreignDirectory);
  for (let pass = 1; pass <= 2; pass += 1) {
    const { code, report } = await reapAs(options);
    assert.equal(code, 1);
    assert.deepEqual([report.removed, report.kept, report.failed.length], [[], [], 1]);
    assert.deepEqual(remains(here), theirs);
  }
  giveAll(here.box.root, options.uid);
  const { code, report } = await reapAs(options);
  assert.deepEqual([code, report.failed], [0, []]);
  here.nothingLeft();
});

test('the command that was told first still helps after a later pass', { skip }, async (t) => {
  const { here, options, stderr } = await meddledWith(t, foreignDirectory);
  assert.equal((await reapAs(options)).code, 1);
  hintWorks(here, toldHint(stderr));
});

test("a single file of another uid, and an empty directory, are in nobody's way", { skip }, async (t) => {
  const { here, code, stderr } = await meddledWith(t, (tmpdir) => {
    give(put(join(tmpdir, 'file')), OTHER);
    mkdirSync(join(tmpdir, 'empty'));
    give(join(tmpdir, 'empty'), OTHER);
  });
  assert.deepEqual([code, stderr], [7, '']);
  here.nothingLeft();
});

test("a TMPDIR that became another uid's is told, and the exit status stays", { skip }, async (t) => {
  const { here, code, stderr } = await meddledWith(t, (tmpdir) => {
    put(join(tmpdir, 'file'));
    giveAll(tmpdir, OTHER);
  });
  assert.equal(code, 7);
  hintWorks(here, toldHint(stderr));
});

test('the reaper removes what it may of an orphan and fails for the rest', { skip }, async (t) => {
  const here = scene(t);
  const { tmpdir } = forge(here.box, 'orphaned', { lease: leaseOf('orphaned') });
  forge(here.box, 'harmless', { lease: leaseOf('harmless') });
  const options = ownedByUser(here);
  foreignDirectory(tmpdir);
  const { code, report, ids: removed } = await reapAs(options);
  assert.deepEqual([code, removed, report.failed.length], [1, ['harmless'], 1]);
  const [{ path = '', reason = '', hint = '' } = {}] = report.failed;
  assert.ok(path.startsWith(`${here.box.root}/`), path);
  assert.notEqual(reason, '');
  assert.deepEqual(remains(here), theirs);
  hintWorks(here, hint);
});
