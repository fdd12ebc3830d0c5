// A server of the library (fixture `serve-on-request.mjs`) that is asked for one thing after the other, where it might hang at any.
import { type Running, start } from './cli.js';
import { whereIs } from './hung.js';
import { fixture } from './paths.js';
import type { Scene } from './scene.js';
import { waitUntil } from './wait-until.js';

export interface OnRequest {
  process: Running;
  /** What it answered; fails where it does not, or does not answer a `ping` meanwhile. */
  ask<T>(word: string): Promise<T>;
  /** Tells it to, without waiting. */
  tell(word: string): void;
}

/** `opens`: with a session. */
export async function onRequest(
  { options }: Pick<Scene, 'options'>,
  { opens = true } = {},
): Promise<OnRequest & { id: string; tmpdir: string }> {
  const args = opens ? [] : ['none'];
  const server = start(fixture('serve-on-request.mjs'), args, {
    ...options,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const answers = (word: string) =>
    server
      .stdout()
      .split('\n')
      .slice(0, -1) // a long answer comes in pieces
      .filter((line) => line.startsWith(`did ${word} `))
      .map((line) => ({ answer: JSON.parse(line.slice(`did ${word} `.length)) as never }));
  const tell = (word: string) => void server.child.stdin?.write(`${word}\n`);
  const answered = async (word: string, asked: () => void) => {
    const { length } = answers(word);
    asked();
    return waitUntil(`the server answers ${word}`, () => answers(word)[length]).catch(() => {
      throw new Error(`it hangs at ${word} in ${whereIs(server.pid)}: ${server.stdout()} ${server.stderr()}`);
    });
  };
  const ask: OnRequest['ask'] = async (word) => {
    const answer = answered(word, () => tell(word));
    await answered('ping', () => tell('ping'));
    return (await answer).answer;
  };
  await server.says(/ready \d+ /);
  const [opened = { answer: {} }] = answers('open');
  const { id = '', tmpdir = '' } = opened.answer as { id?: string; tmpdir?: string };
  return { process: server, ask, tell, id, tmpdir };
}
