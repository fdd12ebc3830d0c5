// Our hooks in Claude's settings: one tells the model of a full disk, one that a conversation goes on without
// its session's TMPDIR.
import { isRecord } from '../checks.js';
import type { AgentSettings, FoundSettings } from './profile.js';
import { isBefore, type Version } from './version.js';

type Content = Record<string, unknown>;

interface Hook {
  event: string;
  /** Which tools, or which beginnings of a conversation. */
  matcher: string;
  command: string;
}

/** Those that this start can have. */
export function hooksFor(args: readonly string[], settings: AgentSettings): Hook[] {
  const { version } = settings;
  // What merely bears the name is started as it was typed.
  if (version === undefined || isBefore(version, HAS_HOOK) || isAboutItself(args)) return [];
  const staysHere = isBefore(version, HANDS_ON) || args.some((arg) => PRINT.test(arg));
  const full = { event: 'PostToolUseFailure', matcher: 'Bash' };
  const stray = { event: 'SessionStart', matcher: 'startup|resume|fork' };
  return [
    { ...full, command: settings.hook(full.event) },
    { ...stray, command: staysHere ? undefined : settings.strayHook(stray.event) },
  ].filter((hook): hook is Hook => hook.command !== undefined);
}

/** The oldest that the hook for a full disk was tried with. */
const HAS_HOOK: Version = [2, 1, 50];

/** The first that sends a conversation from its terminal to the background, below its daemon. */
export const HANDS_ON: Version = [2, 1, 139];

/** This start does no more than say what Claude is. */
const isAboutItself = (args: readonly string[]): boolean =>
  args.length > 0 && args.every((arg) => /^(-v|--version|-h|--help)$/.test(arg));

/** It cannot send it there, and what it prints as `stream-json` would name each start of such a hook. */
const PRINT = /^(-\w*p\w*|--print|--(input|output)-format)(=|$)/;

/** These settings with our hooks: added to what the user has, never in its place. */
export const withHooks = (content: Content, hooks: readonly Hook[]): Content =>
  hooks.reduce(withHook, content);

/** As they are where it cannot be added. */
function withHook(content: Content, { event, matcher, command }: Hook): Content {
  const { hooks = {} } = content;
  if (!isRecord(hooks)) return content;
  const { [event]: own = [] } = hooks;
  if (!Array.isArray(own)) return content;
  const isThere = own.some((one) => JSON.stringify(one).includes(JSON.stringify(command)));
  if (isThere) return content; // ours, once more
  const ours = { matcher, hooks: [{ type: 'command', command, timeout: SECONDS }] };
  return { ...content, hooks: { ...hooks, [event]: [...own, ours] } };
}

const SECONDS = 10;

/** What turns our hooks off, with all others; settings that outweigh others come last. */
export const hooksOff = <T extends { content: Content }>(found: readonly T[]): T | undefined => {
  const last = found.findLast(({ content }) => typeof content['disableAllHooks'] === 'boolean');
  return last?.content['disableAllHooks'] === true
    ? last
    : found.find(({ content }) => content['allowManagedHooksOnly'] === true);
};

/** Told by doctor. */
export function untold(found: readonly FoundSettings[]): string[] {
  const off = hooksOff(found);
  return off
    ? [`hooks are turned off in ${off.path}: the model of claude is not told when the disk is full`]
    : [];
}
