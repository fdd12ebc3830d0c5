// The real agents from the npm registry, one folder each outside of any repository. A folder is there or it is not: it gets
// its name when it is complete.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentCli } from './clis/cli.js';
import { isOlder } from './expected.js';

const run = promisify(execFile);

export interface Installed {
  cli: AgentCli;
  version: string;
  /** The tag that was asked for, `latest`; undefined where that was a version. */
  tag: string | undefined;
  /** As a user would have it in PATH. */
  program: string;
}

/**
 * `wanted` is a version, or a tag such as `latest`; where the registry cannot be asked, the newest that is there.
 * @throws Error with npm's words
 */
export async function installed(cache: string, cli: AgentCli, wanted: string): Promise<Installed> {
  const tag = /^\d/.test(wanted) ? undefined : wanted;
  const version = tag === undefined ? wanted : await tagged(cache, cli, tag);
  const dir = join(cache, `${cli.name}@${version}`);
  if (!existsSync(dir)) await install(dir, cli, version);
  return { cli, version, tag, program: join(dir, 'node_modules/.bin', cli.name) };
}

async function tagged(cache: string, cli: AgentCli, tag: string): Promise<string> {
  try {
    return (await run('npm', ['view', `${cli.pack}@${tag}`, 'version'])).stdout.trim();
  } catch (error) {
    const newest = versionsIn(cache, cli).at(-1);
    if (newest === undefined) throw error;
    console.error(`the registry does not say what ${cli.name}@${tag} is; taking ${newest}, which is here`);
    return newest;
  }
}

function versionsIn(cache: string, { name }: AgentCli): string[] {
  return readdirSync(cache)
    .filter((entry) => entry.startsWith(`${name}@`))
    .map((entry) => entry.slice(name.length + 1))
    .sort((a, b) => (isOlder(a, b) ? -1 : 1));
}

async function install(dir: string, { pack, postinstall }: AgentCli, version: string): Promise<void> {
  const partial = `${dir}.${process.pid}`;
  console.error(`installing ${pack}@${version}`);
  mkdirSync(partial, { recursive: true });
  try {
    await run('npm', ['install', ...OPTIONS, '--prefix', partial, `${pack}@${version}`], { cwd: partial });
    const home = join(partial, 'node_modules', pack);
    if (postinstall !== undefined && existsSync(join(home, postinstall)))
      await run(process.execPath, [postinstall], { cwd: home });
    renameSync(partial, dir);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/** No script of a package runs but the agent's own. */
const OPTIONS = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];

/** What a sandboxed run needs on this machine and does not find. */
export const missingPrograms = (): string[] =>
  ['bwrap', 'socat'].filter((name) => spawnSync('which', [name]).status !== 0);
