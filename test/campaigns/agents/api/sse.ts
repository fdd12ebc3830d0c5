// Server-sent events as the model APIs send them: `event:` and `data:` lines, a blank line after each. Pure.

export interface ServerEvent {
  event?: string;
  /** Text is sent as it is, anything else as JSON. */
  data: unknown;
}

/** The body of a stream: all events, one after the other. */
export const framed = (events: readonly ServerEvent[]): string => events.map(frame).join('');

const frame = ({ event, data }: ServerEvent): string =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
