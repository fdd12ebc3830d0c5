// Real git in a TMPDIR of a test's own and outside of it, with no settings but these.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findWork } from '#src/work/find-work.js';
import { sandbox } from './sandbox.js';

/** A reason to skip what needs git; in CI it is there. */
export const noGit = (): string | false =>
  !process.env['CI'] && spawnSync('git', ['--version']).status !== 0 && 'no git here';

export interface GitScene {
  /** The TMPDIR. */
  tmp: string;
  /** Where a user's own things are. */
  home: string;
  /** Of git: nothing of a person's own. */
  env: NodeJS.ProcessEnv;
  /** Runs git in `dir`; gives what it prints. */
  git(dir: string, ...args: string[]): string;
  /** A repository with one commit. */
  repository(dir: string): string;
  /** What is found in the TMPDIR, each as `kind path`, below it; fails where that is not all. */
  found(): Promise<string[]>;
}

export function gitScene(t: Pick<TestContext, 'after'>): GitScene {
  const { dir, env } = sandbox(t);
  const tmp = join(dir, 't');
  const home = join(dir, 'home');
  mkdirSync(tmp);
  const clean = { PATH: env['PATH'], HOME: home, ...IDENTITY, ...SETTINGS };
  const git = (where: string, ...args: string[]) =>
    execFileSync('git', args, {
      cwd: where,
      env: clean,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const repository = (where: string) => {
    mkdirSync(where, { recursive: true });
    git(where, 'init', '-q', '-b', 'main');
    writeFileSync(join(where, 'file'), 'x\n');
    git(where, 'add', '.');
    git(where, 'commit', '-q', '-m', 'first');
    return where;
  };
  const found = async () => {
    const { work, unseen } = await findWork(tmp);
    if (unseen !== undefined) throw new Error(`not seen: ${unseen}`);
    return work.map(({ kind, path }) => `${kind} ${path.slice(tmp.length + 1)}`).sort();
  };
  return { tmp, home, env: clean, git, repository, found };
}

const WHO = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
  [`GIT_${who}_NAME`, 'A'],
  [`GIT_${who}_EMAIL`, 'a@example.org'],
]);
/** Variables with which git knows who commits, and no settings of a person's own. */
export const gitEnv = (): NodeJS.ProcessEnv => ({ ...IDENTITY, ...SETTINGS });

const IDENTITY = Object.fromEntries(WHO);
const SETTINGS = {
  GIT_CONFIG_NOSYSTEM: '1',
  LC_ALL: 'C',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'protocol.file.allow', // submodules from a directory
  GIT_CONFIG_VALUE_0: 'always',
};
