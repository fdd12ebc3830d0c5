// A person's home with `claude`, `codex` and `gemini` in PATH, beside qw-run, node and qw-tmp. The agents say what they were
// called, with which arguments, and in which session.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { qwRun, qwTmp } from './paths.js';
import type { Scene } from './scene.js';

export interface Home {
  dir: string;
  bin: string;
  env: NodeJS.ProcessEnv;
}

/** What an agent said. `session` is undefined when it had none. */
export interface Told {
  name: string;
  args: string[];
  session: { id: string; label?: string; backend: string; parent?: string } | undefined;
}

export function homeWithAgents({ box, options }: Scene): Home {
  const bin = join(box.dir, 'bin');
  mkdirSync(bin);
  symlinkSync(qwRun, join(bin, 'qw-run'));
  symlinkSync(qwTmp, join(bin, 'qw-tmp'));
  for (const name of ['claude', 'codex', 'gemini']) writeFileSync(join(bin, name), AGENT, { mode: 0o755 });
  const PATH = `${bin}:${dirname(process.execPath)}:${options.env['PATH']}`;
  const XDG_RUNTIME_DIR = join(box.dir, 'run'); // without it fish makes a directory of its own in /tmp
  mkdirSync(XDG_RUNTIME_DIR, { mode: 0o700 });
  const env = { ...options.env, PATH, XDG_RUNTIME_DIR, LC_ALL: 'C' };
  return { dir: options.env['HOME'] as string, bin, env };
}

/** What agents said in this text, in order. */
export const toldIn = (text: string): Told[] =>
  [...text.matchAll(/agent (\w+) ((?:<[^>]*>)*) lease (.*?) end/gs)].map(
    ([, name = '', args = '', lease]) => ({
      name,
      args: [...args.matchAll(/<([^>]*)>/g)].map(([, arg = '']) => arg),
      session: lease === 'none' ? undefined : (JSON.parse(lease as string) as NonNullable<Told['session']>),
    }),
  );

/** `wait` makes it stay, `run …` makes it start something itself first. It exits with 7. */
const AGENT = `#!/bin/sh
case \${1-} in
  wait) echo "ready $$ "; exec sleep 600 ;;
  run) shift; "$@" ;;
esac
printf 'agent %s ' "\${0##*/}"
[ $# -eq 0 ] || printf '<%s>' "$@"
lease=none
[ -z "\${QW_SESSION-}" ] || lease=$(cat "\${TMPDIR%/tmp}/lease.json")
echo " lease $lease end"
exit 7
`;
