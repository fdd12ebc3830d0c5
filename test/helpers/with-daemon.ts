// Codex and cline as agent-with-daemon.mjs imitates them, and Claude as claude-with-daemon.mjs does, installed as from npm, in real terminals.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { fixture, qwRun } from './paths.js';
import { openTerminal, type Terminal } from './pty.js';
import type { Scene } from './scene.js';

export type Kind = 'codex' | 'cline' | 'claude';
const PACKS = { codex: '@openai/codex', cline: 'cline', claude: '@anthropic-ai/claude-code' };
const ENTRIES = { codex: 'bin/codex.js', cline: 'bin/cline', claude: 'cli.js' };

export interface Made {
  tmpdir: string;
  /** `failed` where mktemp did. */
  file: string;
  pid: number;
}

export interface Person {
  /** Their own TMPDIR. */
  tmpdir: string;
  /** The program, in this version. */
  install(kind: Kind, version: string): string;
  open(words: string[]): Promise<OpenedTerminal>;
}

export interface OpenedTerminal extends Terminal {
  /** Has it run one more command. */
  go(): Promise<Made>;
  quit(): Promise<void>;
}

/** `t.after` comes first: terminals are closed before the scene looks what is left. */
export function personIn(t: TestContext, here: Scene, more: NodeJS.ProcessEnv = {}): Person {
  const tmpdir = join(here.box.dir, 'person');
  mkdirSync(tmpdir);
  const env = { ...here.options.env, TMPDIR: tmpdir, ...more };
  const { cwd } = here.options;
  return {
    tmpdir,
    install: (kind, version) => install(here.box.dir, kind, version),
    open: async (words) => {
      const [file = '', ...args] = words;
      const terminal = openTerminal(t, file, args, { env, cwd, cols: 500 });
      await terminal.shows('ready');
      return { ...terminal, go: () => go(terminal), quit: () => quit(terminal) };
    },
  };
}

export const wrapped = (...words: string[]): string[] => [process.execPath, qwRun, ...words];

function install(dir: string, kind: Kind, version: string): string {
  const home = join(dir, version, 'node_modules', PACKS[kind]);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: PACKS[kind], version }));
  const entry = join(home, ENTRIES[kind]);
  const imitates = kind === 'claude' ? 'claude-with-daemon.mjs' : 'agent-with-daemon.mjs';
  const url = pathToFileURL(fixture(imitates)).href;
  writeFileSync(entry, `#!${process.execPath}\nimport(${JSON.stringify(url)});\n`, { mode: 0o755 });
  symlinkSync(entry, join(dir, version, kind));
  return join(dir, version, kind);
}

async function go(terminal: Terminal): Promise<Made> {
  const pattern = /made (\S+) (\S+) (\d+) end/g;
  const before = terminal.screen().match(pattern)?.length ?? 0;
  terminal.type('go\r');
  await terminal.shows(new RegExp(pattern.source));
  const [, tmpdir = '', file = '', pid] = [...terminal.screen().matchAll(pattern)][before] ?? [];
  return { tmpdir, file, pid: Number(pid) };
}

async function quit(terminal: Terminal): Promise<void> {
  terminal.type('quit\r');
  assert.deepEqual(await terminal.ends(), { exitCode: 0, signal: 0 }, terminal.screen());
}
