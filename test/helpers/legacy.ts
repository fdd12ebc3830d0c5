// Leftovers of agents that ran without us, forged in an empty /tmp, and a reaper that comes days later.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ReapReport } from 'qw-run';
import { run } from './cli.js';
import { type EmptyTmp, emptyTmp } from './empty-tmp.js';
import { qwTmp } from './paths.js';
import { HOUR, put, shifted } from './reaping.js';

/** Names of this process alone: holders are seen by path, those of a test beside us too. */
const MARK = process.pid.toString(36).padStart(6, '0').slice(-6);
const HEX = process.pid.toString(16).padStart(4, '0').slice(-4);
export const UUID = randomUUID();
export const SESSION = `claude-0/-home-me-project/${UUID}`;

export const CWD = `claude-${HEX}-cwd`;
export const SHELL = `gemini-shell-${MARK}`;

/** Files of what goes, by the entry that goes. */
export const LEGACY: Record<string, string> = {
  [SESSION]: 'tasks/b1.output',
  [`claude-0/cwd-${HEX}`]: '',
  [`claude-0/fswatch-probe-${MARK}`]: 'probe',
  'claude-0/go-build1234567890': 'b001/x.a',
  'claude-0/tmp.AbCdEfGhIj': 'work/file',
  'claude-0/tmp.KlMnOpQrSt': '',
  'claude-0/build.log': '',
  [CWD]: '',
  [`claude-empty-${MARK}`]: '.',
  'claude-settings-0123456789abcdef.json': '',
  [`claude-settings-${UUID}.json`]: '',
  [`fswatch-probe-${MARK}`]: '.',
  'gemini-client-error-Turn.run-sendMessageStream-2026-01-01T10-00-00-000Z.json': '',
  [SHELL]: 'bgpids.tmp',
  [`.0123456789abcdef-0000${HEX}.so`]: '',
};

export interface Legacy {
  here: EmptyTmp;
  /** One pass so many hours from now. */
  reap(
    args: string[],
    hours?: number,
  ): Promise<{ code: number | null; report: ReapReport; swept: string[]; told: string[] }>;
}

/** Only in private mounts. */
export function legacy(t: TestContext): Legacy {
  const here = emptyTmp(t);
  const reap: Legacy['reap'] = async (args, hours = 80) => {
    const env = { ...here.defaults.env, ...shifted({ laterMs: hours * HOUR }) };
    const { code, stdout, stderr } = await run(qwTmp, ['reap', '--json', ...args], { ...here.defaults, env });
    assert.notEqual(stdout, '', stderr);
    const report = JSON.parse(stdout) as ReapReport;
    const names = (units: { path: string }[]) => units.map(({ path }) => path.replace('/tmp/', '')).sort();
    return { code, report, swept: names(report.swept), told: names(report.legacy) };
  };
  return { here, reap };
}

/** An entry and its only file; '.' makes an empty directory. */
export function leave(entry: string, file = LEGACY[entry] ?? ''): string {
  const path = join('/tmp', entry);
  if (file === '.') mkdirSync(path, { recursive: true });
  else put(join(path, file));
  return path;
}

/** Those of `entries` that are still in /tmp. */
export const left = (entries: string[]) => entries.filter((entry) => existsSync(join('/tmp', entry)));
