// The hook by which Claude's model hears that the disk is full: added to what the user has, never in its
// place. Claude runs those of all its settings files. Pure.
import { isObject } from './agent-settings.js';
import type { FoundSettings } from './profile.js';
import type { Version } from './version.js';

type Content = Record<string, unknown>;

/** After a command that failed. */
export const EVENT = 'PostToolUseFailure';
/** The oldest that it was tried with. */
export const HAS_HOOK: Version = [2, 1, 50];

/** These settings with our hook; as they are where the user's own are nothing that it could be added to. */
export function withHook(content: Content, command: string | undefined): Content {
  const { hooks = {} } = content;
  if (command === undefined || !isObject(hooks)) return content;
  const { [EVENT]: own = [] } = hooks;
  if (!Array.isArray(own)) return content;
  const isThere = own.some((one) => JSON.stringify(one).includes(JSON.stringify(command)));
  if (isThere) return content; // ours, once more
  const ours = { matcher: 'Bash', hooks: [{ type: 'command', command, timeout: SECONDS }] };
  return { ...content, hooks: { ...hooks, [EVENT]: [...own, ours] } };
}

/** What turns our hook off, with all others; settings that outweigh others come last. */
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

const SECONDS = 10;
