// The example server of examples/quadwork, started as its reader would start it and driven by its HTTP API.
import assert from 'node:assert/strict';
import type { StdioOptions } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { type Running, start } from './cli.js';
import { repoRoot } from './paths.js';
import { kill } from './processes.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface ExampleAgent {
  key: string;
  state: string;
  note: string;
  cleanup_errors?: string[];
  session: {
    id: string;
    tmpdir: string;
    warnings: string[];
    state: string;
    bytes: number;
    entries: number;
  } | null;
}

export interface ExampleState {
  agents: ExampleAgent[];
  others: { id: string; label: string | null; state: string; reason: string }[];
  receipts: { text: string }[];
  reaper: { removed: number; bytes: number } | null;
}

export interface ExampleServer {
  process: Running;
  port: number;
  state(): Promise<ExampleState>;
  /** Waits until its state is like that. The server lists all sessions for each look: they are few. */
  until<T>(what: string, look: (state: ExampleState) => T): Promise<NonNullable<T>>;
  /** Keys and ids of the agents that have a session. */
  sessions(): Promise<Record<string, string>>;
  post(path: string, headers?: Record<string, string>): Promise<{ status: number; body: string }>;
  /** SIGTERM; fails unless it exits with 0 and had nothing to complain about. */
  shut(): Promise<void>;
}

export const AGENTS = ['shop/head', 'shop/dev', 'docs/head', 'docs/dev'];

export interface StartOptions {
  args?: string[];
  env?: NodeJS.ProcessEnv;
  port?: number;
  /** Modules that are loaded first; there is a channel for messages then. */
  preloads?: string[];
  /** A shell script that becomes `"$@"`. */
  script?: string;
}

const SERVER = join(repoRoot, 'examples/quadwork/server.cjs');

/** Starts it. The grace period is short: one of its agents hears no signal. What others left in /tmp is none of its business. */
export async function startExample(
  { options }: Scene,
  { args = [], env = {}, port = 0, preloads = [], script = 'exec "$@"' }: StartOptions = {},
): Promise<ExampleServer> {
  const all = { ...options.env, QW_LEGACY: 'off', QW_GRACE: '300ms', PORT: String(port), ...env };
  const words = [...preloads.flatMap((path) => ['--require', path]), SERVER, ...args];
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...(preloads.length > 0 ? (['ipc'] as const) : [])];
  const program = ['-c', script, 'sh', process.execPath, ...words];
  const running = start('/bin/sh', program, { ...options, env: all, stdio });
  const said = await running.says(/listening on http:\/\/127\.0\.0\.1:\d+\n/);
  const at = Number(/:(\d+)\n/.exec(said)?.[1]);
  const call = (method: string, path: string, headers: Record<string, string> = {}) =>
    ask(at, method, path, headers);
  const state = async () => JSON.parse((await call('GET', '/api/state')).body) as ExampleState;
  return {
    process: running,
    port: at,
    state,
    until: (what, look) => waitUntil(what, async () => look(await state()), { everyMs: 100 }),
    sessions: async () =>
      Object.fromEntries(
        (await state()).agents.flatMap(({ key, session }) => (session ? [[key, session.id]] : [])),
      ),
    post: (path, headers) => call('POST', path, headers),
    shut: async () => {
      kill(running.pid, 'SIGTERM');
      const { code, signal, stderr } = await running.done;
      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
    },
  };
}

/** `fetch` would not let us say who we are. */
export function ask(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    asked.on('error', reject).end();
  });
}
