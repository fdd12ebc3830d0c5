// The environment of an agent: ours set last, after every other source; what would lead it elsewhere removed.

export interface SessionPlace {
  id: string;
  root: string;
  tmpdir: string;
}

/** A copy of `base` for a process of this session; `more` are its profile's variables. Pure. */
export function sessionEnv(
  base: NodeJS.ProcessEnv,
  place: SessionPlace,
  more: Readonly<Record<string, string>>,
  platform = process.platform,
): Record<string, string> {
  const { id, root, tmpdir } = place;
  const ours: Record<string, string> = {
    TMPDIR: tmpdir,
    TMP: tmpdir,
    TEMP: tmpdir,
    QW_SESSION: id,
    QW_ROOT: root,
    ...more,
  };
  const isReplaced = nameMatcher([...Object.keys(ours), ...REMOVED], platform);
  const kept = Object.entries(base).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !isReplaced(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...ours };
}

/** Windows knows variables by any case: a leftover `Temp` beside our `TEMP` would be a second one. */
function nameMatcher(names: readonly string[], platform: NodeJS.Platform): (name: string) => boolean {
  if (platform !== 'win32') return (name) => names.includes(name);
  const upper = new Set(names.map((name) => name.toUpperCase()));
  return (name) => upper.has(name.toUpperCase());
}

/** Inherited from an agent we run inside: they would put this session's files into that one's TMPDIR. */
const REMOVED = ['CLAUDE_CODE_TMPDIR', 'CLAUDE_TMPDIR'];
