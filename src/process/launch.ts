// Starts a program in the one way that cannot bring us down. Node emits some errors of spawn(2), throws
// others (E2BIG, EIO), and out of descriptors hands over a child without streams; here each of them is one
// call of `fail`, and no child.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/**
 * The child that runs; undefined when it could not be started, and then `fail` is called once with the
 * system's error.
 */
export function launch(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
  fail: (error: Error) => void,
): ChildProcess | undefined {
  try {
    const child = spawn(file, args, options);
    const isStarted = child.pid !== undefined;
    // Later ones are signals that could not be sent: the child goes on.
    child.on('error', (error) => isStarted || fail(error));
    return isStarted ? child : undefined;
  } catch (error) {
    fail(error as Error);
    return undefined;
  }
}
