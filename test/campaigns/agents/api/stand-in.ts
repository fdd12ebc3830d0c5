// A stand-in for the model APIs on loopback: it makes an agent run the commands it was given, one after the other, and
// answers `{}` to whatever else an agent asks.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropic } from './anthropic.js';
import { chat } from './chat.js';
import { gemini } from './gemini.js';
import type { Answer, ModelApi } from './model-api.js';
import { openai } from './openai.js';
import { framed } from './sse.js';

export interface StandIn {
  port: number;
  /** Paths asked for, oldest first. */
  asked: string[];
  /** What a model was asked, oldest first. */
  bodies: string[];
  /** How many commands came back: of the conversation in which most did. */
  ran(): number;
  /** Drops every connection. */
  close(): Promise<void>;
}

const APIS: readonly ModelApi[] = [anthropic, openai, chat, gemini];

/** Listens on a free port of 127.0.0.1. */
export async function standIn(commands: readonly string[]): Promise<StandIn> {
  const asked: string[] = [];
  const bodies: string[] = [];
  let most = 0;
  const heard = (body: string, results: number) => {
    bodies.push(body);
    most = Math.max(most, results);
  };
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    respond(request, response, commands, heard).catch((error) => response.writeHead(400).end(`${error}`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, asked, bodies, ran: () => most, close: () => closed(server) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  commands: readonly string[],
  heard: (body: string, results: number) => void,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  const body = await bodyOf(request);
  const api = request.method === 'POST' ? APIS.find((one) => one.handles(path)) : undefined;
  if (!api) return send(response, { json: {} });
  const content = JSON.parse(body) as never;
  heard(body, api.results(content));
  send(response, api.answer(content, commands, path));
}

function send(response: ServerResponse, answer: Answer): void {
  const isStream = 'events' in answer;
  response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
  response.end(isStream ? framed(answer.events) : JSON.stringify(answer.json));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
