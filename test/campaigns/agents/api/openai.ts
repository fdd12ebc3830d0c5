// OpenAI Responses: calls the shell tool that the request offers, whatever its name in that version. Pure.
import type { ModelApi } from './model-api.js';
import type { ServerEvent } from './sse.js';

interface Body {
  tools?: { name?: string }[];
  input?: { type?: string }[];
}

export const openai: ModelApi<Body> = {
  handles: (path) => path.endsWith('/responses'),
  results: ({ input = [] }) => input.filter(({ type }) => type === 'function_call_output').length,
  answer: (body, commands) => {
    const { tools = [] } = body;
    const done = openai.results(body);
    const command = commands[done];
    const tool = tools.map(({ name = '' }) => name).find((name) => name in CALLS);
    const item =
      command === undefined || tool === undefined
        ? WORD
        : {
            type: 'function_call',
            id: `fc_${done}`,
            call_id: `call_${done}`,
            name: tool,
            arguments: JSON.stringify(CALLS[tool]?.(command)),
            status: 'completed',
          };
    return { events: stream(item) };
  },
};

/** Arguments of each shell tool. It answers with what is running after `yield_time_ms`. */
const CALLS: Record<string, (command: string) => unknown> = {
  exec_command: (cmd) => ({ cmd, yield_time_ms: 30_000 }),
  shell_command: (command) => ({ command }),
  shell: (command) => ({ command: ['bash', '-c', command] }),
  run_commands: (command) => ({ commands: [command] }), // of cline
};

const WORD = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'done', annotations: [] }],
};

const USAGE = {
  input_tokens: 1,
  input_tokens_details: null,
  output_tokens: 1,
  output_tokens_details: null,
  total_tokens: 2,
};

const RESPONSE = { id: 'resp_1', created_at: 1, model: 'stand-in' };

const stream = (item: object): ServerEvent[] =>
  [
    { type: 'response.created', response: RESPONSE },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...RESPONSE, usage: USAGE } },
  ].map((data) => ({ event: data.type, data }));
