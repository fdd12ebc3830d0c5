// File systems that hang, for real: a FUSE server (fixture `fuse-server.py`) that stops answering at an operation. Whoever asks it
// then waits and cannot be killed, until the server dies: so it does, after every test, before anything else is cleaned up. Only for
// files that run in private mounts.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Finished, Running } from './cli.js';
import { fixture } from './paths.js';
import { unmountBelow } from './private-mounts.js';
import { waitUntil } from './wait-until.js';

export interface FuseServer {
  point: string;
  pid: number;
  /** From now on `op` (`getattr`, `opendir` …) is never answered. */
  hang(op: string): Promise<void>;
  /** Resolves once the kernel has asked for `op`, and somebody waits for the answer. */
  hangs(op: string): Promise<unknown>;
  /** `op` fails with this number. */
  fail(op: string, errno: number): Promise<void>;
  /** All is answered again, also what waits. */
  goOn(): Promise<void>;
}

/** Shows the directory `source`, which may be looked at there at any time, at `point`. */
export type Serve = (source: string, point: string) => Promise<FuseServer>;

/** To be called before anything else of the test: its end comes first, too. */
export function fuseServers(t: TestContext): Serve {
  const children: ChildProcess[] = [];
  t.after(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const child of children)
      await waitUntil('the FUSE server is gone', () => child.exitCode !== null || child.signalCode !== null);
    for (const point of hungMounts()) unmountBelow(point);
  });
  return async (source, point) => {
    mkdirSync(point, { recursive: true });
    const child = spawn('python3', [fixture('fuse-server.py'), source, point], { env: CLEAN, cwd: '/' });
    children.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
      });
    const says = (text: string) =>
      waitUntil(`the FUSE server says "${text}"`, () => {
        assert.ok(child.exitCode === null, said);
        return said.includes(text);
      });
    const tell = async (command: string) => {
      child.stdin.write(`${command}\n`);
      await says(`did ${command} `);
      said = said.replace(`did ${command} `, '');
    };
    await says('ready ');
    return {
      point,
      pid: Number(/ready (\d+) /.exec(said)?.[1]),
      hang: (op) => tell(`hang ${op}`),
      hangs: (op) => says(`hanging at ${op} `),
      fail: (op, errno) => tell(`errno ${op} ${errno}`),
      goOn: () => tell('go'),
    };
  };
}

/** Wherever they were moved to. Of this test file: it has its own mount namespace. */
const hungMounts = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(' - fuse.hung '))
    .map((line) => line.split(' ')[4] ?? '');

/** No mark and no session of the tests: it is nobody's process but the test's. */
const CLEAN = { PATH: process.env['PATH'], LC_ALL: 'C' };

/** Why there is no FUSE server to be had; false where there is. */
export function noFuse(): string | false {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
  } catch {
    return 'no /dev/fuse';
  }
  return spawnSync('python3', ['--version']).status === 0 ? false : 'no python3';
}

/** How it ended; one that does not is a failure that tells where it hangs. */
export async function ends(running: Running): Promise<Finished> {
  let finished: Finished | undefined;
  void running.done.then((it) => {
    finished = it;
  });
  try {
    return await waitUntil('it ends', () => finished);
  } catch {
    throw new Error(`it hangs in ${whereIs(running.pid)}; it said ${running.stdout()} ${running.stderr()}`);
  }
}

/** What each thread of a process waits for in the kernel, where that is a file system. */
export function whereIs(pid: number): string {
  try {
    const stacks = readdirSync(`/proc/${pid}/task`).map((tid) =>
      readFileSync(`/proc/${pid}/task/${tid}/stack`, 'utf8').replace(/^\[<.*?>\] |\+0x.*$/gm, ''),
    );
    return (
      stacks
        .filter((stack) => /fuse|nfs/.test(stack))
        .join(' | ')
        .trim()
        .replace(/\n/g, ' < ') || 'user space'
    );
  } catch (error) {
    return String(error);
  }
}
