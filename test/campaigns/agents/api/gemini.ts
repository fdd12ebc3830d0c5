// Gemini generateContent: a conversation that declares run_shell_command is told to run the next command. Pure.
import type { ModelApi } from './model-api.js';

interface Body {
  contents?: { parts?: { functionResponse?: unknown }[] }[];
  tools?: { functionDeclarations?: { name?: string }[] }[];
}

export const gemini: ModelApi<Body> = {
  handles: (path) => /:(streamG|g)enerateContent$/.test(path),
  results: ({ contents = [] }) =>
    contents
      .flatMap(({ parts = [] }) => parts)
      .filter(({ functionResponse }) => functionResponse !== undefined).length,
  answer: (body, commands, path) => {
    const { tools = [] } = body;
    const command = commands[gemini.results(body)];
    const isOffered = tools.some((tool) => tool.functionDeclarations?.some(({ name }) => name === TOOL));
    const part =
      command === undefined || !isOffered
        ? { text: 'done' }
        : { functionCall: { name: TOOL, args: { command } } };
    const data = {
      candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    };
    return path.includes(':stream') ? { events: [{ data }] } : { json: data };
  },
};

const TOOL = 'run_shell_command';
