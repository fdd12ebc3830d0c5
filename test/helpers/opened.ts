// Sessions opened by the test's own process, in its sandbox; each is ended after the test.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type OpenSessionOptions, openSession, type Session } from 'qw-run';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export async function opened(
  t: TestContext,
  { box }: Scene,
  options: OpenSessionOptions = {},
): Promise<Session> {
  const session = await openSession({ env: box.env, ...options });
  t.after(() => session.end());
  return session;
}

/** A shell in this session, which has run `script` up to its `ready`; adopted as the agent unless told otherwise. */
export async function agentIn(
  { options }: Scene,
  session: Session,
  script: string,
  { adopts = true } = {},
): Promise<{ child: ChildProcess; pid: number; said(): string }> {
  const child = spawn('sh', ['-c', script], {
    cwd: options.cwd,
    env: session.env(options.env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = child.pid as number;
  if (adopts) session.adopt(pid);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  await waitUntil('the agent is ready', () => out.includes('ready'));
  return { child, pid, said: () => out };
}

/** What a session's lease says. */
export const leaseIn = ({ dir }: { dir: string }): Record<string, unknown> =>
  JSON.parse(readFileSync(join(dir, 'lease.json'), 'utf8'));
