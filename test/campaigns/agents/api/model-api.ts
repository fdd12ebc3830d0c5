// What the stand-ins have in common: from a request's body and the commands to be run, the next answer. Pure.
import type { ServerEvent } from './sse.js';

export type Answer = { events: ServerEvent[] } | { json: unknown };

export interface ModelApi<Body = never> {
  /** This path of a POST is its to answer. */
  handles(path: string): boolean;
  /** How many commands came back. */
  results(body: Body): number;
  /** `commands` are to be run one after the other: how many have been is read from the conversation in `body`. */
  answer(body: Body, commands: readonly string[], path: string): Answer;
}
