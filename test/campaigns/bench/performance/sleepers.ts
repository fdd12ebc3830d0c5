// Other processes of this user, for what looks at all of them.
import { spawn } from 'node:child_process';
import type { Bench } from './bench.js';

/** So many that only wait, until the row is done. */
export function sleepers(count: number, { box, after }: Pick<Bench, 'box' | 'after'>): void {
  for (let number = 0; number < count; number += 1) {
    const child = spawn('sleep', ['3600'], { cwd: '/', env: { PATH: box.env['PATH'] }, stdio: 'ignore' });
    after(() => child.kill('SIGKILL'));
  }
}
