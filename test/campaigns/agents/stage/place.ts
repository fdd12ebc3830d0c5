// The outer side: a throw-away HOME, new namespaces, and the measured result of the run inside them. As root the run
// becomes an unprivileged user (Claude refuses root); anybody else gets a user namespace.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repoRoot } from '../../../helpers/paths.js';
import { SCENARIOS } from '../scenarios.js';
import type { Measured, Run } from './row.js';
import { making } from './volume.js';

export interface Stage {
  /** Where throw-away directories are made. */
  dir: string;
  /** Directories that have to stay visible. */
  keep: readonly string[];
  /** Of an unprivileged user, for root. */
  uid: number;
}

/** Longest run, with everything that it waits for. */
const LIMIT_MS = 420_000;

/** Why runs cannot be staged here, or false. */
export function cannotStage(stage: Stage): string | false {
  const { status, stderr, error } = spawnSync(...entering(stage, ['true'], ''), { encoding: 'utf8' });
  return status === 0 ? false : `no namespaces to be had (${stderr.trim() || error || `exit ${status}`})`;
}

/** @throws Error with what the run said when it gave no result */
export async function staged(stage: Stage, run: Omit<Run, 'home' | 'work'>): Promise<Measured> {
  const dir = mkdtempSync(join(stage.dir, 'run-'));
  const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  process.on('exit', remove);
  try {
    const [home, work] = [join(dir, 'home'), join(dir, 'work')];
    for (const path of [dir, home, work]) prepare(path, stage.uid);
    const whole: Run = { ...run, home, work };
    const { volume } = SCENARIOS.find(({ name }) => name === run.scenario) ?? {};
    const make = volume ? making(volume.kind, { uid: stage.uid, dir }) : '';
    return await inside(stage, [process.execPath, MAIN, JSON.stringify(whole)], make);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
const isRoot = process.getuid?.() === 0;

function prepare(path: string, uid: number): void {
  mkdirSync(path, { recursive: true });
  if (isRoot) chownSync(path, uid, uid);
}

function inside(stage: Stage, command: string[], volume: string): Promise<Measured> {
  const [file, args] = entering(stage, command, volume);
  const child = spawn(file, args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const end = () => child.kill('SIGKILL');
  const timer = setTimeout(end, LIMIT_MS);
  process.prependListener('exit', end);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      if (code === 0) resolve(JSON.parse(said.stdout) as Measured);
      else reject(new Error(`the run gave no result (${code}): ${said.stderr}`));
    });
  });
}

/** unshare kills what is inside when it dies. */
function entering({ keep, uid }: Stage, command: string[], volume: string): [string, string[]] {
  const become = isRoot
    ? `--reuid=${uid} --regid=${uid} --clear-groups`
    : '--ambient-caps=-all --inh-caps=-all';
  const own = isRoot ? [] : ['--user', '--map-current-user', '--keep-caps'];
  const visible = [repoRoot, dirname(process.execPath), ...keep].join('\n');
  const script = join(repoRoot, 'test/campaigns/agents/stage/enter.sh');
  return ['unshare', [...own, ...NAMESPACES, 'sh', script, become, visible, volume, ...command]];
}

const NAMESPACES = [
  '--mount',
  '--propagation=private',
  '--pid',
  '--fork',
  '--mount-proc',
  '--net',
  '--kill-child',
];
