// The variables that name a directory for temporary files: one that is gone, or goes with another session. A
// server that was started from an agent's shell inherits them.
import { isAbsolute } from 'node:path';
import { attempt, fs } from '../fs.js';
import { readMounts } from '../root/mounts.js';
import { muteOn } from '../root/mute.js';
import { isInsideSession } from '../root/roots.js';
import { type Finding, warning } from './finding.js';

export interface DirectoryFacts {
  name: string;
  value: string;
  isThere: boolean;
  /** It goes with a session: the one we run in, or another one. */
  goesWith: 'own session' | 'other session' | null;
}

const VARIABLES = ['TMPDIR', 'TMP', 'TEMP'];

/** What has to be asked first whether it answers. */
export const directoriesOf = (env: NodeJS.ProcessEnv): string[] =>
  VARIABLES.flatMap((name) => env[name] || []);

export function examineDirectories(env: NodeJS.ProcessEnv): DirectoryFacts[] {
  const mounts = readMounts();
  const { QW_SESSION: session } = env;
  return VARIABLES.flatMap((name) => {
    const value = env[name];
    if (!value || !isAbsolute(value)) return [];
    const isThere = !muteOn(value, mounts) && attempt(() => fs.statSync(value))?.isDirectory() === true;
    const isOwn = session !== undefined && value.split('/').includes(session);
    const goesWith = !isInsideSession(value, mounts) ? null : isOwn ? 'own session' : 'other session';
    return [{ name, value, isThere, goesWith }];
  });
}

/** qw-run replaces them for its agents; all else that is started here gets them. Pure. */
export function inheritedFindings({ name, value, isThere, goesWith }: DirectoryFacts): Finding[] {
  const found = (text: string) => [
    warning('inherited', name, { text: `${value} ${text}`, command: `unset ${name}` }),
  ];
  if (goesWith === 'other session') return found('lies in another session, and goes when that ends');
  return isThere ? [] : found('is not there, or is no directory: what needs it fails');
}
