// What a profile adds to a start, in this process: arguments and environment of a session, for each kind of look-up.
// Run by `npm run bench:profile`.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { profileFor } from '#src/backends/profiles.js';
import { agentStart } from '#src/session/agent-start.js';
import { NO_NATIVE, native } from '../../helpers/native.js';
import { quantile } from './performance/table.js';

const RUNS = 500;
const dir = mkdtempSync('/tmp/q-');
const bin = join(dir, 'bin');
mkdirSync(bin);
const env = { HOME: dir, PATH: `/usr/local/bin:${bin}:/usr/bin:/bin`, XDG_STATE_HOME: join(dir, 's') };

function install(name: string, program: string, packed?: string): void {
  const path = join(dir, program);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
  if (packed) writeFileSync(join(dirname(path), 'package.json'), packed);
  symlinkSync(path, join(bin, name));
}

/** Median and 95th percentile of opening what a start needs, in ms. */
function measure(what: string, command: string[]): void {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const startedAt = performance.now();
    const settings = { command, cwd: dir, env, daemon: undefined, tell: false };
    const profile = profileFor('auto', command, settings);
    const start = agentStart({
      id: 'profiles',
      seen: { root: dir, tmpdir: join(dir, 'tmp'), files: { dir, seenAs: dir } },
      profile,
      settings,
      known: [],
    });
    start.args(command[0] as string, command.slice(1));
    start.env({});
    times.push(performance.now() - startedAt);
  }
  const at = (share: number) => quantile(times, share).toFixed(2);
  console.log(`| ${what} | ${RUNS} | ${at(0.5)} | ${at(0.95)} |`);
}

try {
  const pack = 'node_modules/@anthropic-ai/claude-code';
  install('claude', `${pack}/cli.js`, '{"name":"@anthropic-ai/claude-code","version":"2.1.50"}');
  install('installed', 'share/claude/versions/2.1.330');
  console.log('| command | runs | median ms | 95th percentile ms |\n|---|---|---|---|');
  measure('no agent', ['make', '-j2']);
  measure('codex', ['codex', 'exec', 'hi']);
  measure('gemini', ['gemini', '-p', 'hi']);
  measure('claude from npm', ['claude', '-p', 'hi']);
  measure('claude from its installer', ['installed', '-p', 'hi']);
  if (!NO_NATIVE) {
    mkdirSync(join(dir, 'opt'));
    native(join(dir, 'opt/claude'), '2.1.330 (Claude Code)\n');
    measure('claude elsewhere, asked for its version', [join(dir, 'opt/claude'), '-p', 'hi']);
  }
  writeFileSync(join(dir, '.claude.json'), '{"env":{"TMPDIR":"/x"}}');
  measure('claude from npm, settings outweighed', ['claude', '-p', 'hi']);
} finally {
  rmSync(dir, { recursive: true });
}
