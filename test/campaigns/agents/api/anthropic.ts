// Anthropic Messages: a conversation that offers the tool Bash (opencode: bash) is told to run the next command, any other gets a word. Pure.
import type { ModelApi } from './model-api.js';
import type { ServerEvent } from './sse.js';

interface Body {
  stream?: boolean;
  tools?: { name?: string }[];
  messages?: { content?: string | { type?: string }[] }[];
}

export const anthropic: ModelApi<Body> = {
  handles: (path) => path === '/v1/messages',
  results,
  answer: (body, commands) => {
    const done = results(body);
    const tool = body.tools?.map(({ name = '' }) => name).find((name) => /^bash$/i.test(name));
    const command = tool === undefined ? undefined : commands[done];
    const block =
      tool === undefined || command === undefined ? WORD : toolUse(`toolu_${done}`, tool, command);
    const stop = command === undefined ? 'end_turn' : 'tool_use';
    return body.stream
      ? { events: stream(block, stop) }
      : { json: { ...message([block]), stop_reason: stop } };
  },
};

interface Block {
  type: string;
  [field: string]: unknown;
}

function results({ messages = [] }: Body): number {
  return messages
    .flatMap(({ content }) => (Array.isArray(content) ? content : []))
    .filter(({ type }) => type === 'tool_result').length;
}

const WORD: Block = { type: 'text', text: 'done' };

const toolUse = (id: string, name: string, command: string): Block => ({
  type: 'tool_use',
  id,
  name,
  input: { command, description: 'asked for by the stand-in' },
});

const USAGE = { input_tokens: 1, output_tokens: 1 };

const message = (content: Block[]) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'stand-in',
  content,
  stop_reason: null as string | null,
  stop_sequence: null,
  usage: USAGE,
});

/** A block starts empty; what it says comes as a delta. */
function stream(block: Block, stop: string): ServerEvent[] {
  const { text, input } = block;
  const start = input === undefined ? { ...block, text: '' } : { ...block, input: {} };
  const delta =
    input === undefined
      ? { type: 'text_delta', text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(input) };
  return [
    { type: 'message_start', message: message([]) },
    { type: 'content_block_start', index: 0, content_block: start },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: USAGE },
    { type: 'message_stop' },
  ].map((data) => ({ event: data.type, data }));
}
