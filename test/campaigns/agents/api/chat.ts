// OpenAI Chat Completions: calls the shell tool that the request offers, with what that tool wants to be told. Pure.
import type { ModelApi } from './model-api.js';
import type { ServerEvent } from './sse.js';

interface Body {
  stream?: boolean;
  tools?: { function?: { name?: string } }[];
  messages?: { role?: string }[];
}

export const chat: ModelApi<Body> = {
  handles: (path) => path.endsWith('/chat/completions'),
  results: ({ messages = [] }) => messages.filter(({ role }) => role === 'tool').length,
  answer: (body, commands) => {
    const done = chat.results(body);
    const command = commands[done];
    const tool = body.tools?.map((one) => one.function?.name ?? '').find((name) => name in CALLS);
    const isCall = command !== undefined && tool !== undefined;
    const message = isCall ? callOf(done, tool, CALLS[tool]?.(command)) : { content: 'done' };
    const finish = isCall ? 'tool_calls' : 'stop';
    return body.stream ? { events: stream(message, finish) } : { json: completion(message, finish) };
  },
};

/** Arguments of each shell tool: how long it waits for a command, and for which purpose, where it asks. */
const CALLS: Record<string, (command: string) => unknown> = {
  // of copilot
  bash: (command) => ({ command, description: PURPOSE, mode: 'sync', initial_wait: 600 }),
  // of qwen
  run_shell_command: (command) => ({ command, description: PURPOSE, is_background: false, timeout: 600_000 }),
};

const PURPOSE = 'asked for by the stand-in';

interface Message {
  content: string | null;
  tool_calls?: object[];
}

const callOf = (at: number, name: string, args: unknown): Message => ({
  content: null,
  tool_calls: [
    { index: 0, id: `call_${at}`, type: 'function', function: { name, arguments: JSON.stringify(args) } },
  ],
});

const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const ANSWER = { id: 'chatcmpl_1', created: 1, model: 'stand-in' };

const completion = (message: Message, finish_reason: string) => ({
  ...{ ...ANSWER, object: 'chat.completion', usage: USAGE },
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason }],
});

/** What it says, then why it ends, then what it cost. */
function stream(message: Message, finish_reason: string): ServerEvent[] {
  const chunk = { ...ANSWER, object: 'chat.completion.chunk' };
  const choice = (delta: object, why: string | null) => [{ index: 0, delta, finish_reason: why }];
  return [
    { data: { ...chunk, choices: choice({ role: 'assistant', ...message }, null) } },
    { data: { ...chunk, choices: choice({}, finish_reason) } },
    { data: { ...chunk, choices: [], usage: USAGE } },
    { data: '[DONE]' },
  ];
}
