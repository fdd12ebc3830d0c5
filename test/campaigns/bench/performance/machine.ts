// Where it was measured.
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release } from 'node:os';
import type { Node } from './bench.js';

export function machine(nodes: readonly Node[]): string {
  const [, fileSystem] = execFileSync('df', ['--output=fstype', '/tmp'], { encoding: 'utf8' }).split('\n');
  return [
    `${new Date().toISOString().slice(0, 10)}; ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'})`,
    `Linux ${release().replace(/^(\d+\.\d+).*/, '$1')}`,
    `/tmp on ${fileSystem}`,
    nodes.map(({ name }) => name).join(' and '),
  ].join('; ');
}
