// The options of a command line as those of a session, for both ways to run.
import { DAEMON_CHOICES } from '../backends/daemon.js';
import { BACKENDS } from '../backends/profile.js';
import { ISOLATIONS } from '../isolate/isolation.js';
import { parseWordIfAny, SURVIVORS } from '../options.js';
import type { OpenSessionOptions } from '../session/settings.js';
import type { WrapOptions } from './argv.js';

/** @throws QwRunError `ERR_QW_USAGE` for a word that is none of an option's */
export function sessionOptions(command: readonly string[], options: WrapOptions): OpenSessionOptions {
  const { root, label, grace, spare, size, share, backend, survivors, daemon, isolate } = options;
  return {
    ...{ command, root, label, grace, spare, size, share },
    backend: parseWordIfAny('backend', backend, BACKENDS),
    survivors: parseWordIfAny('survivors', survivors, SURVIVORS),
    daemon: parseWordIfAny('daemon', daemon, DAEMON_CHOICES),
    isolate: parseWordIfAny('isolate', isolate, ISOLATIONS),
    keep: options.keep ?? false,
    wait: !options['no-wait'],
    tell: options['no-tell'] ? false : undefined,
    watchdog: !options['no-watchdog'],
  };
}
