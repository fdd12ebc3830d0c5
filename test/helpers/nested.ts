// A session inside a session: the outer agent is a shell that runs qw-run itself.
import { join } from 'node:path';
import { type Running, start } from './cli.js';
import { leaseIn } from './leases.js';
import { qwRun } from './paths.js';
import { quoted } from './quoted.js';
import { ids } from './reaping.js';
import { readyPid, type Scene } from './scene.js';

export interface Nested {
  wrapper: Running;
  /** The outer agent. */
  shell: number;
  /** The inner agent. */
  agent: number;
  outer: string;
  inner: string;
}

/** How the outer shell calls qw-run. */
export const INNER = quoted(process.execPath, qwRun);

/** Opens both in one root. Each script has to say something: the outer `outer $$ `, the inner `ready $$ `. */
export async function openNested(
  scene: Scene,
  outerScript: string,
  { flags = [] }: { flags?: string[] } = {},
): Promise<Nested> {
  const wrapper = start(qwRun, [...flags, '--', 'sh', '-c', outerScript], scene.options);
  const agent = await readyPid(wrapper.says);
  const shell = Number(/outer (\d+) /.exec(wrapper.stdout())?.[1]);
  const leases = ids(scene.box).map((id) => leaseIn(join(scene.box.root, id, 'tmp')));
  const inner = leases.find((lease) => 'parent' in lease)?.id ?? '';
  const outer = leases.find((lease) => !('parent' in lease))?.id ?? '';
  return { wrapper, shell, agent, outer, inner };
}
