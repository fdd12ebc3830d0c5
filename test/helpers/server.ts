// The main customer: a CommonJS server (fixture `pty-server.cjs`) that starts and stops agents in pseudo-terminals.
import assert from 'node:assert/strict';
import type { EndReport } from 'qw-run';
import { type Running, start } from './cli.js';
import { fixture } from './paths.js';
import { ids } from './reaping.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface Tab {
  id: string;
  /** Of the agent. */
  pid: number;
  tmpdir: string;
  /** What the agent wrote so far. */
  output(): string;
  says(text: RegExp): Promise<RegExpExecArray>;
  /** A line, into its terminal. */
  type(line: string): void;
  stop(): Promise<EndReport>;
}

export interface Server {
  process: Running;
  /** Starts an agent: a shell running `script`. */
  open(script: string): Promise<Tab>;
  /** Starts a process that is of no session; gives its pid. */
  child(): Promise<number>;
  /** Reports of sessions that ended because their agent had. */
  exits(): EndReport[];
  /** The signal that this agent died of, 0 for none; undefined while it lives. */
  signalOf(tab: Tab): number | undefined;
}

interface Message {
  id?: string;
  text?: string;
  started?: { id: string; pid: number; tmpdir: string };
  stopped?: EndReport;
  child?: number;
  exit?: EndReport;
  signal?: number;
}

export function startServer({ options, box }: Scene): Server {
  const server = start(fixture('pty-server.cjs'), [], { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
  const messages = (): Message[] =>
    server
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Message);
  const said = <T>(what: string, pick: (all: Message[]) => T | undefined) =>
    waitUntil(what, () => pick(messages())).catch((error: Error) => {
      throw new Error(`${error.message}; it said ${server.stdout()} ${server.stderr()}`);
    });
  const starts = () => messages().flatMap(({ started }) => started ?? []);
  let asked = 0;
  const open = async (script: string): Promise<Tab> => {
    assert.ok(!script.includes('\n'));
    const index = asked++;
    server.child.stdin?.write(`start ${script}\n`);
    // Asked for at the same time, agents start in any order: the caller gets one of them, each caller another.
    const tab = await said('the agent starts', () => starts()[index]);
    assert.ok(ids(box).includes(tab.id), 'its session is there');
    const output = () =>
      messages()
        .filter(({ id }) => id === tab.id)
        .map(({ text }) => text)
        .join('');
    return {
      ...tab,
      output,
      says: (text) => said(`${tab.id} says ${text}`, () => text.exec(output()) ?? undefined),
      type: (line) => void server.child.stdin?.write(`type ${tab.id} ${line}\n`),
      stop: () => {
        server.child.stdin?.write(`stop ${tab.id}\n`);
        return said(`${tab.id} stops`, (all) => all.find(({ stopped }) => stopped?.id === tab.id)?.stopped);
      },
    };
  };
  return {
    process: server,
    open,
    child: () => {
      server.child.stdin?.write('child\n');
      return said('it has started a child', (all) => all.find(({ child }) => child)?.child);
    },
    exits: () => messages().flatMap(({ exit }) => exit ?? []),
    signalOf: ({ id }) => messages().find(({ exit }) => exit?.id === id)?.signal,
  };
}
