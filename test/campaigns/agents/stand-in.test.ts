// The stand-in speaks the four protocols over real HTTP: one command after the other, then a word, and only on loopback.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, type TestContext, test } from 'node:test';
import { type StandIn, standIn } from './api/stand-in.js';

const COMMANDS = ['echo "one\n"', 'true'];

async function open(t: TestContext): Promise<StandIn> {
  const api = await standIn(COMMANDS);
  t.after(() => api.close());
  return api;
}

interface Reply {
  type: string | null;
  text: string;
}

async function ask({ port }: StandIn, path: string, body: unknown): Promise<Reply> {
  const url = `http://127.0.0.1:${port}${path}`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  assert.equal(response.status, 200);
  return { type: response.headers.get('content-type'), text: await response.text() };
}

/** Events of a stream, as any client of server-sent events would read them. */
function eventsOf({ type, text }: Reply): { event: string | undefined; data: Record<string, never> }[] {
  assert.equal(type, 'text/event-stream');
  assert.ok(text.endsWith('\n\n'));
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
      return { event: fields.get('event'), data: JSON.parse(fields.get('data') ?? '') };
    });
}

describe('Anthropic Messages', () => {
  const body = (results: number, tools = ['Bash']) => ({
    stream: true,
    tools: tools.map((name) => ({ name })),
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'user', content: Array.from({ length: results }, () => ({ type: 'tool_result' })) },
    ],
  });
  /** The command asked for, or the word said. */
  const told = (reply: Reply): unknown => {
    const events = eventsOf(reply);
    for (const { event, data } of events) assert.equal(event, data['type']);
    assert.equal(events.at(-1)?.event, 'message_stop');
    const found = events.find(({ event }) => event === 'content_block_delta');
    const delta = found?.data['delta'] as unknown as { text?: string; partial_json?: string };
    return delta.text ?? JSON.parse(delta.partial_json ?? '').command;
  };

  test('asks for one command after the other, then says a word', async (t) => {
    const api = await open(t);
    const answers = [];
    for (const results of [0, 1, 2])
      answers.push(told(await ask(api, '/v1/messages?beta=true', body(results))));
    assert.deepEqual(answers, [...COMMANDS, 'done']);
  });
  test('says a word to a conversation without the tool', async (t) => {
    assert.equal(told(await ask(await open(t), '/v1/messages', body(0, ['Read']))), 'done');
  });
  test('answers in one piece where no stream is wanted', async (t) => {
    const { type, text } = await ask(await open(t), '/v1/messages', { ...body(0), stream: false });
    const { content, stop_reason } = JSON.parse(text);
    assert.deepEqual(
      [type, content[0].input.command, stop_reason],
      ['application/json', COMMANDS[0], 'tool_use'],
    );
  });
});

describe('OpenAI Responses', () => {
  const item = async (api: StandIn, tool: string, done: number) => {
    const input = Array.from({ length: done }, () => ({ type: 'function_call_output' }));
    const events = eventsOf(
      await ask(api, '/v1/responses', { tools: [{ name: 'x' }, { name: tool }], input }),
    );
    assert.deepEqual(
      events.map(({ event }) => event),
      ['response.created', 'response.output_item.added', 'response.output_item.done', 'response.completed'],
    );
    return events[2]?.data['item'] as never as { type: string; name: string; arguments: string };
  };
  const shapes: [tool: string, shape: object][] = [
    ['exec_command', { cmd: COMMANDS[1], yield_time_ms: 30_000 }],
    ['shell_command', { command: COMMANDS[1] }],
    ['shell', { command: ['bash', '-c', COMMANDS[1]] }],
    ['run_commands', { commands: [COMMANDS[1]] }],
  ];
  for (const [tool, shape] of shapes) {
    test(`calls ${tool} as it wants to be called`, async (t) => {
      const call = await item(await open(t), tool, 1);
      assert.deepEqual([call.name, JSON.parse(call.arguments)], [tool, shape]);
    });
  }
  test('ends, and never calls what is not offered', async (t) => {
    const api = await open(t);
    assert.equal((await item(api, 'shell', 2)).type, 'message');
    assert.equal((await item(api, 'apply_patch', 0)).type, 'message');
  });
});

describe('OpenAI Chat Completions', () => {
  const body = (results: number, name: string) => ({
    tools: ['x', name].map((one) => ({ type: 'function', function: { name: one } })),
    messages: [{ role: 'user' }, ...Array.from({ length: results }, () => ({ role: 'tool' }))],
  });
  interface Choice {
    finish_reason: string;
    message: Said;
    delta: Said;
  }
  interface Said {
    content?: string;
    tool_calls?: [{ function: { name: string; arguments: string } }];
  }
  const PATH = '/v1/chat/completions';
  const called = ({ content, tool_calls }: Said) =>
    content ?? JSON.parse(tool_calls?.[0].function.arguments ?? '').command;

  for (const tool of ['bash', 'run_shell_command']) {
    test(`asks ${tool} for one command after the other, then says a word`, async (t) => {
      const api = await open(t);
      const answers = [];
      for (const results of [0, 1, 2]) {
        const reply = await ask(api, PATH, { ...body(results, tool), stream: true });
        assert.ok(reply.text.endsWith('data: [DONE]\n\n'));
        const text = reply.text.replace('data: [DONE]\n\n', '');
        const [first, second, last] = eventsOf({ ...reply, text }).map(({ data }) => data['choices']);
        answers.push([
          called((first as unknown as [Choice])[0].delta),
          (second as unknown as [Choice])[0].finish_reason,
        ]);
        assert.deepEqual(last, []);
      }
      assert.deepEqual(answers, [
        [COMMANDS[0], 'tool_calls'],
        [COMMANDS[1], 'tool_calls'],
        ['done', 'stop'],
      ]);
    });
  }
  test('never calls what is not offered; answers in one piece where no stream is wanted', async (t) => {
    const api = await open(t);
    const choice = async (tool: string) =>
      JSON.parse((await ask(api, PATH, body(0, tool))).text).choices[0] as Choice;
    assert.equal(called((await choice('read_file')).message), 'done');
    assert.equal(called((await choice('bash')).message), COMMANDS[0]);
  });
});

describe('Gemini', () => {
  const body = (results: number, name = 'run_shell_command') => ({
    contents: [{ parts: Array.from({ length: results }, () => ({ functionResponse: {} })) }],
    tools: [{ functionDeclarations: [{ name }] }],
  });
  const PATH = '/v1beta/models/gemini-x';
  const part = (data: unknown) =>
    (data as { candidates: [{ content: { parts: [{ text?: string; functionCall?: { args: object } }] } }] })
      .candidates[0].content.parts[0];

  test('asks for one command after the other, then says a word', async (t) => {
    const api = await open(t);
    const parts = [];
    for (const results of [0, 1, 2]) {
      const events = eventsOf(await ask(api, `${PATH}:streamGenerateContent?alt=sse`, body(results)));
      assert.deepEqual([events.length, events[0]?.event], [1, undefined]);
      parts.push(part(events[0]?.data));
    }
    assert.deepEqual(
      parts.map(({ text, functionCall }) => text ?? functionCall?.args),
      [...COMMANDS.map((command) => ({ command })), 'done'],
    );
  });
  test('says a word where the tool is not declared, also in one piece', async (t) => {
    const { text } = await ask(await open(t), `${PATH}:generateContent`, body(0, 'read_file'));
    assert.equal(part(JSON.parse(text)).text, 'done');
  });
});

test('anything else gets an empty object', async (t) => {
  assert.equal((await ask(await open(t), '/v1/other', {})).text, '{}');
});

test('a body that is no JSON is refused, and the stand-in lives on', async (t) => {
  const api = await open(t);
  const url = `http://127.0.0.1:${api.port}/v1/messages`;
  assert.equal((await fetch(url, { method: 'POST', body: '{' })).status, 400);
  assert.equal((await ask(api, '/x', {})).text, '{}');
  assert.deepEqual(api.asked, ['POST /v1/messages', 'POST /x']);
});

test('nobody outside of this machine reaches it', async (t) => {
  const { port } = await open(t);
  const others = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  if (others.length === 0) return t.skip('no other address here');
  const socket = connect(port, others[0]?.address);
  await assert.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' });
});
