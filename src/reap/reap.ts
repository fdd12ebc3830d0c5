// The reaper for programs.
import { tell } from '../heard.js';
import { deadlineMs } from '../helper/for-server.js';
import { checkOptions } from '../known-options.js';
import { checkString } from '../options.js';
import { absolute, pass, placesIn } from './pass.js';
import { REAP, type ReapOptions, resolveChoices } from './reap-options.js';
import type { ReapReport } from './reap-report.js';

/**
 * One pass over all managed roots: removes what nobody owns or uses any more. Never rejects for what it
 * finds; that is in the report.
 * @throws QwRunError `ERR_QW_USAGE`, the guard's errors when `root` is given and unsafe, and `ERR_QW_HELPER`
 *   when the helper process dies or hangs: what it had begun is finished by the next pass
 */
export async function reap(options: ReapOptions = {}): Promise<ReapReport> {
  checkOptions('reap()', options, REAP);
  const { env = process.env, root, onProgress, deadline } = options;
  checkString('root', root);
  const request = { choices: resolveChoices(options), places: { root: absolute(root), env: placesIn(env) } };
  const how = { isAwaited: true, deadlineMs: deadlineMs(deadline) };
  return (await pass(request, (progress) => void tell(onProgress, progress), how)).report;
}
