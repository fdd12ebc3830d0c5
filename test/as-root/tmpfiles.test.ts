// A real systemd-tmpfiles leaves a living session alone, however old its files are: somebody has its root locked. What it does to a
// directory beside it shows that it would take the session too. The rules go by access and modification alone: a test cannot set ctime.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type EmptyTmp, emptyTmp } from '../helpers/empty-tmp.js';
import { noFlock, rootLocked } from '../helpers/locks.js';
import { inPrivateMounts } from '../helpers/private-mounts.js';
import { openWith, put } from '../helpers/reaping.js';

const hasTmpfiles = spawnSync('systemd-tmpfiles', ['--version']).status === 0;
const skip = inPrivateMounts(import.meta.url) || noFlock() || (!hasTmpfiles && 'no systemd-tmpfiles here');
const STAYS = 'echo "ready $$ "; exec sleep 600 >/dev/null 2>&1';
/** Files and directories alike, by atime and mtime: `10d` means ctime too. */
const AGE = 'amAM:10d';

interface Aged extends EmptyTmp {
  root: string;
  session: string;
  /** One file of the session, and one in a directory beside the root, which nobody has locked. */
  file: string;
  beside: string;
  end(): Promise<unknown>;
}

/** A living session whose files are all eleven days old. Its root is in `parent`. */
async function aged(t: TestContext, parent: string, flags: string[] = []): Promise<Aged> {
  const here = emptyTmp(t);
  const root = join(parent, 'qw-0');
  mkdirSync(parent, { recursive: true });
  here.options.env['QW_ROOT'] = here.box.root = root;
  const { wrapper, tmpdir } = await openWith(here, flags, STAYS);
  if (flags.length === 0) await rootLocked(here.box);
  const file = put(join(tmpdir, 'some', 'file'));
  const beside = put(join(parent, 'beside', 'file'));
  spawnSync('find', [
    root,
    dirname(beside),
    '-depth',
    '-exec',
    'touch',
    '-h',
    '-d',
    '11 days ago',
    '{}',
    '+',
  ]);
  const end = () => {
    wrapper.child.kill('SIGTERM');
    return wrapper.done;
  };
  return { ...here, root, session: dirname(tmpdir), file, beside, end };
}

/** Cleans by these rules; what it complained about fails the test. */
function clean({ cwd }: { cwd: string }, rules: string): void {
  const conf = join(cwd, 'rules.conf');
  writeFileSync(conf, rules);
  const { status, stderr } = spawnSync('systemd-tmpfiles', ['--clean', conf], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
}

const SPARED: [what: string, parent: string, rules: string][] = [
  ['the rule of distributions for /tmp, as Debian has it', '/tmp', `D /tmp 1777 root root ${AGE}\n`],
  ['the rule of distributions for /tmp, as systemd has it', '/tmp', `q /tmp 1777 root root ${AGE}\n`],
  ['a rule for the root’s parent', '/tmp/mine', `d /tmp/mine - - - ${AGE}\n`],
  ['a rule for what is above that', '/tmp/a/b', `e /tmp/a - - - ${AGE}\n`],
];
for (const [what, parent, rules] of SPARED)
  test(`${what} leaves a living session whole`, { skip }, async (t) => {
    const here = await aged(t, parent);
    clean(here.options, rules);
    assert.deepEqual([existsSync(here.file), existsSync(here.beside)], [true, false]);
    await here.end();
    assert.equal(existsSync(here.session), false, 'it ends as ever');
  });

const TAKEN: [what: string, rules: string, mended: string, flags?: string[]][] = [
  ['a rule for the root itself', `d /tmp/qw-0 - - - ${AGE}\n`, 'x /tmp/qw-0/*\n'],
  ['a rule for roots of that name', `e /tmp/qw-* - - - ${AGE}\n`, 'x /tmp/qw-*/*\n'],
  ['a rule for its TMPDIR', `e /tmp/qw-0/*/tmp - - - ${AGE}\n`, 'x /tmp/qw-0/*/tmp/*\n'],
  ['without a watchdog, that for /tmp', `q /tmp 1777 root root ${AGE}\n`, 'x /tmp/qw-*\n', ['--no-watchdog']],
];
for (const [what, rules, mended, flags] of TAKEN)
  test(`${what} ages it, until the line that doctor names excludes it`, { skip }, async (t) => {
    const here = await aged(t, '/tmp', flags);
    clean(here.options, `${rules}${mended}`);
    assert.equal(existsSync(here.file), true);
    spawnSync('find', [here.root, '-depth', '-exec', 'touch', '-h', '-d', '11 days ago', '{}', '+']);
    clean(here.options, rules);
    assert.equal(existsSync(here.file), false);
    await here.end();
  });
