// Runs a test file once more inside a pid namespace of its own, where it may say which pid comes next.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NAMESPACE, noPidNamespace } from './pid-one.js';

/** To be called before any test, with the file's own URL. Gives `false` inside the namespace, or why there is none. */
export function inPidNamespace(url: string): string | false {
  const [, , outer] = process.argv;
  if (outer !== undefined) {
    assert.notEqual(readlinkSync('/proc/self/ns/pid'), outer);
    return false;
  }
  const reason = noPidNamespace();
  if (reason) return reason;
  const again = [...process.execArgv, fileURLToPath(url), readlinkSync('/proc/self/ns/pid')];
  // The first process there is a shell: it waits for whoever has lost its parent. Same environment and stdio as here.
  const command = ['sh', '-c', '"$@"; exit $?', 'sh', process.execPath, ...again];
  const { status } = spawnSync('unshare', [...NAMESPACE, ...command], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
