// What `qw-tmp list` says about the sessions of a scene.
import { run } from './cli.js';
import { qwTmp } from './paths.js';
import type { Scene } from './scene.js';

export interface Listed {
  id: string;
  state: string;
  reason: string;
  tmpdir: string;
  holders: { pid: number; name: string }[];
}

/** The sessions of one `qw-tmp list --json`. */
export async function listed({ options }: Scene): Promise<Listed[]> {
  const { stdout, stderr } = await run(qwTmp, ['list', '--json'], options);
  if (stdout === '') throw new Error(`qw-tmp list said nothing; stderr ${JSON.stringify(stderr)}`);
  return (JSON.parse(stdout) as { sessions: Listed[] }).sessions;
}

/** Id and state of each. */
export const states = async (scene: Scene): Promise<string[]> =>
  (await listed(scene)).map(({ id, state }) => `${id} ${state}`).sort();
