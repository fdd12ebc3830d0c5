// The variables that name a directory for temporary files or caches: one that is gone, or goes with
// somebody's session. A server started from an agent's shell inherits them.
import { isAbsolute } from 'node:path';
import { attempt, fs } from '../fs.js';
import { type Mount, readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { isInsideSession } from '../root/roots.js';
import { type Finding, note, warning } from './finding.js';

export interface DirectoryFacts {
  name: string;
  value: string;
  isThere: boolean;
  /** It goes with a session: the one we run in, or another one. */
  goesWith: 'own session' | 'other session' | null;
}

export function examineDirectories(env: NodeJS.ProcessEnv): DirectoryFacts[] {
  const mounts = readMounts();
  return VARIABLES.flatMap((name) => {
    const value = env[name];
    return value && isAbsolute(value) ? [examine(name, value, env['QW_SESSION'], mounts)] : [];
  });
}

/** What has to be asked first whether it answers. */
export const directoriesOf = (env: NodeJS.ProcessEnv): string[] =>
  VARIABLES.flatMap((name) => env[name] || []);

function examine(
  name: string,
  value: string,
  session: string | undefined,
  mounts: readonly Mount[],
): DirectoryFacts {
  const isThere = !muteOn(value, mounts) && attempt(() => fs.statSync(value))?.isDirectory() === true;
  const isOwn = session !== undefined && value.split('/').includes(session);
  const goesWith = !isInsideSession(value, mounts) ? null : isOwn ? 'own session' : 'other session';
  return { name, value, isThere, goesWith };
}

/** qw-run replaces or removes most of these for its agents; everything else started here gets them. Pure. */
export function inheritedFindings({ name, value, isThere, goesWith }: DirectoryFacts): Finding[] {
  const found = (say: typeof note, text: string) => [
    say('inherited', name, { text: `${value}${text}`, command: `unset ${name}` }),
  ];
  const isTemporary = TEMPORARY.includes(name);
  if (goesWith === 'other session')
    return found(warning, ' lies in another session, and goes when that ends');
  if (!isThere && isTemporary) return found(warning, ' is not there: what needs it fails');
  if (goesWith === 'own session' && !isTemporary)
    return found(note, ' lies in this session: what is kept there goes with it');
  if (name.startsWith('CLAUDE_'))
    return found(note, ': claude without qw-run writes there; qw-run takes the variable out');
  return [];
}

const TEMPORARY = ['TMPDIR', 'TMP', 'TEMP'];
const VARIABLES = [...TEMPORARY, 'CLAUDE_CODE_TMPDIR', 'CLAUDE_TMPDIR', 'NODE_COMPILE_CACHE'];
