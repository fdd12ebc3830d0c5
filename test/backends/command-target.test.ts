// Which agent a command starts: seen through what only starts another program, and by the file where the words do not say it.
// A program that is merely called like one, or has one among its arguments, is never taken for it.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { targetOf } from '#src/backends/command-target.js';
import { PREFIXES, RUNNERS, RUNTIMES, SHELLS } from '#src/backends/launchers.js';
import { profileFor } from '#src/backends/profiles.js';
import { sandbox } from '../helpers/sandbox.js';

const NOWHERE = { env: { PATH: '/nonexistent' }, cwd: '/' };
const nameOf = (command: readonly string[], place = NOWHERE) => profileFor('auto', command, place).name;
/** Words are separated by single spaces, one word in brackets may have some. */
const words = (line: string) =>
  line === '' ? [] : (line.match(/\[[^\]]*\]|[^ ]+/g) ?? []).map((word) => word.replace(/^\[|\]$/g, ''));

const CLAUDE = [
  ...['claude', '/usr/local/bin/claude -p hi', 'claude.cmd', 'claude.exe', './claude', 'claude mcp list'],
  ...['npx @anthropic-ai/claude-code', 'npx -y @anthropic-ai/claude-code@2.1.0 -p hi', 'npx -y -- claude'],
  ...[
    'npx -p @anthropic-ai/claude-code@2.1.50 claude',
    'npx --package=@anthropic-ai/claude-code claude -p hi',
  ],
  ...[
    'npm exec -- @anthropic-ai/claude-code -p hi',
    'npm x -y -- claude',
    'npm exec @anthropic-ai/claude-code',
  ],
  ...[
    'bunx @anthropic-ai/claude-code',
    'bun x @anthropic-ai/claude-code@latest',
    'pnpx @anthropic-ai/claude-code',
  ],
  ...[
    'pnpm dlx @anthropic-ai/claude-code',
    'pnpm --silent dlx @anthropic-ai/claude-code',
    'pnpm exec claude',
  ],
  ...['yarn dlx @anthropic-ai/claude-code -p hi', 'deno run -A npm:@anthropic-ai/claude-code@2.1.0 -p hi'],
  ...[
    'node --max-old-space-size=4096 /x/node_modules/@anthropic-ai/claude-code/cli.js',
    'node /usr/bin/claude',
  ],
  ...['node -r ./hook.js /x/@anthropic-ai/claude-code/cli.js -p', 'bun /x/@anthropic-ai/claude-code/cli.js'],
  ...['bun run /x/@anthropic-ai/claude-code/cli.js', '/x/@anthropic-ai/claude-code/cli.js'],
  ...['/x/@anthropic-ai/claude-code/bin/claude.exe -p', '/x/@anthropic-ai/claude-code-linux-x64/claude'],
  ...['/home/x/.local/share/claude/versions/2.1.330 -p hi'],
  ...[
    'env claude',
    'env A=1 B=2 claude -p hi',
    'env -u X -C /tmp A=1 claude',
    'env -- claude',
    'env -i claude',
  ],
  ...[
    'nice claude',
    'nice -n 5 claude',
    'nice -n5 claude',
    'nice --adjustment=5 claude',
    'ionice -c 3 claude',
  ],
  ...['timeout 5 claude -p hi', 'timeout -k 5 -s INT 1h claude', 'timeout --foreground 5 claude'],
  ...[
    'nohup claude',
    'setsid -w claude',
    'stdbuf -oL -e 0 claude',
    'time -f %e claude',
    'taskset -c 0-1 claude',
  ],
  ...[
    'chrt -i 0 claude',
    'timeout 5 nice -n 5 env A=1 npx -y @anthropic-ai/claude-code',
    'caffeinate -i claude',
  ],
  ...['sh -c claude', 'sh -c [exec claude -p hi]', 'bash -lc [claude -p "fix the bug; please" --model x]'],
  ...["bash -l -c [A=1 claude -p 'a & b']", 'zsh -ic [timeout 5 claude]', 'dash -c [claude "$@"] sh hi'],
  ...['env A=1 sh -c claude', 'sh -c [npx @anthropic-ai/claude-code]'],
];
const CODEX = [
  ...[
    'codex exec hi',
    'pnpm dlx @openai/codex',
    'node /x/@openai/codex/bin/codex.js exec',
    'timeout 5 codex',
  ],
];
const GEMINI = [
  ...[
    'gemini -p hi',
    'node /usr/bin/gemini',
    'npx @google/gemini-cli',
    'npx @google/gemini-cli@nightly -p hi',
  ],
  ...['node --inspect /x/@google/gemini-cli/bundle/gemini.js', 'env GEMINI_API_KEY=x gemini'],
];
const OTHER_AGENTS = {
  opencode: ['opencode', 'npx opencode-ai run hi', '/x/node_modules/opencode-linux-x64/bin/opencode'],
  copilot: ['copilot -p hi', 'npx @github/copilot', 'node /x/@github/copilot/index.js'],
  qwen: ['qwen -p hi', 'npx @qwen-code/qwen-code', 'node /x/@qwen-code/qwen-code/cli.js'],
  amp: ['amp -x hi', 'npx @sourcegraph/amp', 'node /x/@sourcegraph/amp/dist/main.js'],
};
const OTHERS = [
  ...[
    '',
    'vim claude',
    'grep claude',
    'grep -r claude .',
    'which claude',
    'man claude',
    'cat claude',
    'pkill claude',
  ],
  ...['claude-monitor', 'claude2', 'my-claude', 'not-codex', 'Claude', 'claude.js', 'claude.sh', 'codex.txt'],
  ...[
    'node server.js claude',
    'node -e claude',
    'node -p claude',
    'node --run claude',
    'node',
    'node --version',
  ],
  ...[
    'node /x/@anthropic-ai/claude-code/vendor/rg.js',
    '/x/@anthropic-ai/claude-code/vendor/ripgrep/x64-linux/rg',
  ],
  ...[
    'node /x/@anthropic-ai/claude-code-router/cli.js',
    'npx @anthropic-ai/claude-code-router',
    'npx claude@latest',
  ],
  ...[
    'npx @other/claude',
    'npx claude-code',
    'npx -c claude',
    'npx -p @anthropic-ai/claude-code',
    'npx ccusage claude',
  ],
  ...[
    'npm run claude',
    'npm claude',
    'npm install @anthropic-ai/claude-code',
    'pnpm add @openai/codex',
    'pnpm claude',
  ],
  ...[
    'yarn claude',
    'yarn add @google/gemini-cli',
    'bunx claude-monitor',
    'docker run claude',
    'ssh host claude',
  ],
  ...[
    'sudo claude',
    'env',
    'env A=1',
    'env -S [claude -p]',
    'nice',
    'timeout 5',
    'timeout claude',
    'taskset -p 1 claude',
  ],
  ...[
    'timeout 5 grep claude',
    'env A=claude make',
    'nice -n claude make',
    'nohup ./claude-monitor',
    'echo claude',
  ],
  ...['sh claude', 'sh -c', 'sh -c [claude; make]', 'sh -c [claude && make]', 'sh -c [make | claude -p hi]'],
  ...[
    'sh -c [claude > out]',
    'sh -c [echo claude]',
    'sh -c [$CLAUDE]',
    'sh -c ["claude"]',
    'sh -c [( claude )]',
  ],
  ...[
    'sh -c [cd /x\nclaude]',
    'sh -ce claude',
    'bash script.sh -c claude',
    'sh -c [if claude]',
    'sh -c `claude`',
  ],
  ...['constructor', 'env constructor', 'node __proto__', '--', '-', '-- claude'],
];

describe('the agent of a command', () => {
  const table: [string, string[]][] = Object.entries({
    claude: CLAUDE,
    codex: CODEX,
    gemini: GEMINI,
    ...OTHER_AGENTS,
    generic: OTHERS,
  });
  for (const [name, lines] of table)
    for (const line of lines)
      test(`${JSON.stringify(line)}: ${name}`, () => assert.equal(nameOf(words(line)), name));

  test('is what --backend says, whatever the command', () => {
    for (const name of ['claude', 'codex', 'gemini', 'generic'] as const)
      assert.equal(profileFor(name, ['claude'], NOWHERE).name, name);
  });
});

const PLAIN = fc.constantFrom('make', 'vim', 'a b', './run', '', 'claude-monitor', 'xclaude', 'gemini2');
const AGENTS = fc.constantFrom('claude', 'codex', 'gemini', '/x/@anthropic-ai/claude-code/cli.js');
const ANY_WORD = fc.oneof(AGENTS, PLAIN, fc.constantFrom('--', '-p', '-c', 'A=1', '5', 'exec'), fc.string());
/** What comes before a command without changing it. */
const BEFORE = fc.constantFrom(
  ...[
    'env',
    'env -u X A=1',
    'nice -n 5',
    'timeout -k 5 1h',
    'nohup',
    'setsid -w',
    'taskset -c 0',
    'stdbuf -oL',
  ],
);

describe('of any command line', () => {
  const names = new Set(['claude', 'codex', 'gemini', 'generic']);

  test('it is decided without a fault', () => {
    const words = fc.constantFrom(...PREFIXES.keys(), ...RUNTIMES.keys(), ...RUNNERS.keys(), ...SHELLS);
    fc.assert(fc.property(fc.array(fc.oneof(words, ANY_WORD)), (command) => names.has(nameOf(command))));
  });

  test('what only starts another program changes nothing, nor where its arguments are', () => {
    fc.assert(
      fc.property(
        fc.array(BEFORE, { maxLength: 4 }),
        fc.oneof(AGENTS, PLAIN.filter(Boolean)),
        fc.array(ANY_WORD),
        (before, program, args) => {
          const command = [...before.flatMap((line) => line.split(' ')), program, ...args];
          assert.equal(nameOf(command), nameOf([program, ...args]));
          assert.deepEqual(command.slice(targetOf(command)?.argsAt), args);
        },
      ),
    );
  });

  test('arguments alone make no agent of a program', () => {
    fc.assert(
      fc.property(PLAIN, fc.array(ANY_WORD), (program, args) => nameOf([program, ...args]) === 'generic'),
    );
  });

  test('a name with anything around it is another', () => {
    const around = fc.string({ minLength: 1, unit: fc.constantFrom(...'abc019-_.@ \n\\') });
    const isNone = (word: string) => word === '' || nameOf([word]) === 'generic';
    fc.assert(
      fc.property(fc.constantFrom('claude', 'codex', 'gemini'), around, (name, text) =>
        [`${name}${text}`, `${text}${name}`].every(isNone),
      ),
    );
  });
});

describe('by the file where the words do not say it', () => {
  const pack = 'lib/node_modules/@anthropic-ai/claude-code';
  const files: [link: string, target: string, name: string][] = [
    ['c', `${pack}/cli.js`, 'claude'],
    ['c', `${pack}/bin/claude.exe`, 'claude'],
    ['ai', 'share/claude/versions/2.1.330', 'claude'],
    ['c', 'lib/node_modules/@openai/codex/bin/codex.js', 'codex'],
    ['g', 'lib/node_modules/@google/gemini-cli/bundle/gemini.js', 'gemini'],
    ['my-agent', 'opt/claude', 'claude'],
    ['c', `${pack}/vendor/rg`, 'generic'],
    ['c', 'opt/claude-monitor', 'generic'],
    ['c', 'share/claude/versions/2.1.330/rg', 'generic'],
  ];
  for (const [link, target, name] of files)
    test(`a link ${link} to …/${target}: ${name}`, (t) => {
      const { dir, cwd } = sandbox(t);
      const file = join(dir, target);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
      const bin = join(dir, 'bin');
      mkdirSync(bin);
      symlinkSync(file, join(dir, 'link'));
      symlinkSync('../link', join(bin, link)); // a link to a link, relative
      const place = { env: { PATH: `/nonexistent:${bin}` }, cwd };
      const commands = [[link], ['timeout', '5', link], [`../bin/${link}`], ['node', `../bin/${link}`]];
      for (const command of commands) assert.equal(nameOf([...command, '-p', 'hi'], place), name);
      assert.equal(nameOf(['echo', link], place), 'generic');
      assert.equal(nameOf([link]), 'generic', 'not in PATH');
    });
});
