// The `QW_` variables that are set, each by itself: a wrong one must not hide the next.
import { orRefusal, QwRunError } from '../errors.js';
import { resolveSettings } from '../session/settings.js';
import { resolveWatermarks } from '../space/watermarks.js';
import { type Finding, problem } from './finding.js';

export interface SettingFacts {
  name: string;
  value: string;
  /** Why qw-run refuses it. */
  error: string | null;
}

export function examineSettings(env: NodeJS.ProcessEnv): SettingFacts[] {
  const settings = SETTINGS.flatMap((name) => {
    const only = { [name]: env[name] };
    const check = () => [resolveSettings({ env: only, cwd: '/' }), resolveWatermarks({}, only)];
    return env[name] ? [{ name, value: env[name], error: errorOf(check) }] : [];
  });
  // Both watermarks may be right, and together not.
  const error = settings.some((one) => one.error) ? null : errorOf(() => resolveWatermarks({}, env));
  return settings.map((one) => (one.name === 'QW_TARGET' && error ? { ...one, error } : one));
}

function errorOf(check: () => unknown): string | null {
  const refused = orRefusal(check);
  return refused instanceof QwRunError ? refused.message : null;
}

/** Pure. */
export function* settingFindings(settings: readonly SettingFacts[]): Iterable<Finding> {
  for (const { name, error } of settings)
    if (error !== null)
      yield problem('bad-setting', name, { text: `refused: ${error}`, command: `unset ${name}` });
}

const SETTINGS = [
  ...['QW_ROOT', 'QW_REAP', 'QW_LOG', 'QW_MAX_AGE', 'QW_GRACE', 'QW_SURVIVORS', 'QW_SPARE', 'QW_DAEMON'],
  ...['QW_TELL', 'QW_ISOLATE', 'QW_LOW', 'QW_TARGET'],
];
