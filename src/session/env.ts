// The environment of an agent: our variables are set last, and what would lead it elsewhere is removed.

export interface SessionPlace {
  id: string;
  root: string;
  tmpdir: string;
}

/** A copy of `base` for a process of this session; `more` are its profile's variables. Pure. */
export function sessionEnv(
  base: NodeJS.ProcessEnv,
  place: SessionPlace,
  more: Readonly<Record<string, string | undefined>>,
  platform = process.platform,
): Record<string, string> {
  const { id, root, tmpdir } = place;
  const ours: Record<string, string | undefined> = {
    TMPDIR: tmpdir,
    TMP: tmpdir,
    TEMP: tmpdir,
    QW_SESSION: id,
    QW_ROOT: root,
    ...more,
  };
  const isReplaced = nameMatcher([...Object.keys(ours), ...REMOVED], platform);
  return withVariables(base, ours, isReplaced);
}

/** For an agent that hands its environment on: nothing of this session in it, nor of one around it. Pure. */
export const outsideEnv = (
  base: NodeJS.ProcessEnv,
  more: Readonly<Record<string, string | undefined>>,
): Record<string, string> =>
  withVariables(base, more, (name) => name in more || (base['QW_SESSION'] !== undefined && OURS.has(name)));

const OURS: ReadonlySet<string> = new Set(['TMPDIR', 'TMP', 'TEMP', 'QW_SESSION', 'QW_ROOT']);

function withVariables(
  base: NodeJS.ProcessEnv,
  ours: Readonly<Record<string, string | undefined>>,
  isReplaced: (name: string) => boolean,
): Record<string, string> {
  const kept = Object.entries(base).filter(([name]) => !isReplaced(name));
  const all = [...kept, ...Object.entries(ours)];
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Windows knows variables by any case: a leftover `Temp` beside our `TEMP` would be a second one. */
function nameMatcher(names: readonly string[], platform: NodeJS.Platform): (name: string) => boolean {
  if (platform !== 'win32') return (name) => names.includes(name);
  const upper = new Set(names.map((name) => name.toUpperCase()));
  return (name) => upper.has(name.toUpperCase());
}

/** Inherited from an agent we run inside: they would put this session's files into that one's TMPDIR. */
const REMOVED = ['CLAUDE_CODE_TMPDIR', 'CLAUDE_TMPDIR'];
