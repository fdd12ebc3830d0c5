// Every command that a user page shows runs as it is written, in a home and a root of its own. Which cannot run here is
// said below with the reason, so that none is passed over by chance; of those at least the syntax is right.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Block, blocksIn, commandsIn, PAGES, readPage } from '../helpers/documents.js';
import { homeWithAgents } from '../helpers/fake-agents.js';
import { repoRoot } from '../helpers/paths.js';
import { quoted } from '../helpers/quoted.js';
import { forge, leaseOf } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

/** A file that is written out is no command line. */
const isShell = ({ language }: Block) => /^(sh|console)$/.test(language);
const isRun = (block: Block) => isShell(block) && !block.text.includes('<<');

/** These have tests of their own, or are evidence. */
const ELSEWHERE = /^docs\/(evidence\/.*|shell|quadwork|api|backends|how-it-works)\.md$/;

/** What is not run, and why. */
const NOT_RUN: [RegExp, string][] = [
  [/^npm (un)?install\b/, 'changes what is installed; the tarball is tried in test/installed'],
  [/systemctl|loginctl/, 'needs a service manager'],
  [/\/mnt\/small/, 'needs a full file system: test/as-root/headroom.test.ts'],
  [/head -c 100M|--isolate/, 'needs user namespaces: test/isolate'],
  [/kill -9/, 'lasts a quarter of a minute: test/session'],
  [/^qw-tmp explain \d+$/, 'names a process of the machine that wrote the page'],
];
/** Agents here exit with 7, qw-tmp with 1 where there is nothing, grep with 2 where a file is missing. Misuse is 2, a missing
 * program 127. */
const isFine = (status: number, line: string) => [0, 1, 7, /^grep/.test(line) ? 2 : 0].includes(status);

const isAllowed = (line: string) => !NOT_RUN.some(([pattern]) => pattern.test(line));

for (const page of PAGES.filter((name) => !ELSEWHERE.test(name))) {
  const blocks = blocksIn(readPage(page)).filter(isRun);
  if (!blocks.flatMap(commandsIn).some(isAllowed)) continue;
  test(`the commands of ${page}`, (t) => {
    const here = scene(t);
    const home = homeWithAgents(here);
    cpSync(join(repoRoot, 'examples'), join(here.box.cwd, 'examples'), { recursive: true });
    mkdirSync(join(home.dir, 'project'));
    writeFileSync(join(home.dir, '.claude.json'), '{}');
    const env = { ...home.env, npm_config_userconfig: join(home.dir, '.npmrc'), TMPDIR: here.box.cwd };
    for (const block of blocks) {
      // Sessions of the names that the block has, kept ones: nobody uses them.
      for (const [name] of block.text.matchAll(/\b(?=[a-z0-9]*\d)[a-z0-9]{8}\b/g))
        forge(here.box, name, {
          lease: leaseOf(name, {
            label: name === 'rlyax39a' ? 'trace' : name,
            kept: { at: new Date().toISOString() },
          }),
        });
      const commands = commandsIn(block).filter(isAllowed);
      const script = commands
        .map((line) => `${safely(line)}\nprintf '%s %s\\n' "$?" ${quoted(line)} >&3\n`)
        .join('');
      const { output } = spawnSync('bash', ['-c', script], {
        cwd: here.box.cwd,
        env,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        encoding: 'utf8',
        timeout: 300_000,
      });
      const [, stdout, stderr, statuses] = output;
      const ended = (statuses ?? '').trimEnd().split('\n').filter(Boolean);
      assert.equal(ended.length, commands.length, `${stdout}\n${stderr}`);
      for (const line of ended)
        assert.ok(
          isFine(Number.parseInt(line, 10), line.replace(/^\d+ /, '')),
          `${line}\n${stdout}\n${stderr}`,
        );
      assert.doesNotMatch(stderr ?? '', /unknown|usage:|syntax error|not found in|command not found/i);
    }
  });
}

test('what is not run is right by its syntax, and each reason is needed', () => {
  const lines = PAGES.filter((name) => !ELSEWHERE.test(name)).flatMap((page) =>
    blocksIn(readPage(page)).filter(isRun).flatMap(commandsIn),
  );
  assert.ok(lines.filter(isAllowed).length > 30, `${lines.filter(isAllowed).length}`);
  assert.deepEqual(
    NOT_RUN.filter(([pattern]) => !lines.some((line) => pattern.test(line))),
    [],
  );
  for (const text of PAGES.flatMap((page) => blocksIn(readPage(page)).filter(isShell))) {
    const script = text.language === 'sh' ? text.text : commandsIn(text).join('\n');
    const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
    assert.equal(status, 0, `${script}\n${stderr}`);
  }
});

/** What would take leftovers of the machine's /tmp only looks at them; nobody is there to answer. */
const safely = (line: string) =>
  line
    .replace(/--legacy(?! --dry-run)/, '--legacy --dry-run')
    .replace(/^qw-tmp rm --(all|kept)$/, 'qw-tmp rm --$1 --yes');
