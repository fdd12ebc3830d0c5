// The environment of an agent: our variables are set last, and what would lead it elsewhere is removed.

type Variables = Readonly<Record<string, string | undefined>>;

/** A copy of `base` for a process of this session; `more` are its profile's variables. Pure. */
export function sessionEnv(
  base: NodeJS.ProcessEnv,
  { id, root, tmpdir }: { id: string; root: string; tmpdir: string },
  more: Variables,
  platform = process.platform,
): Record<string, string> {
  const ours = { TMPDIR: tmpdir, TMP: tmpdir, TEMP: tmpdir, QW_SESSION: id, QW_ROOT: root, ...more };
  // Windows knows variables by any case: a leftover `Temp` beside our `TEMP` would be a second one.
  const known = (name: string) => (platform === 'win32' ? name.toUpperCase() : name);
  const replaced = new Set([...Object.keys(ours), ...REMOVED].map(known));
  return withVariables(base, ours, (name) => replaced.has(known(name)));
}

/** For an agent that hands its environment on: nothing of this session in it, nor of one around it. Pure. */
export const outsideEnv = (base: NodeJS.ProcessEnv, more: Variables): Record<string, string> =>
  withVariables(base, more, (name) => name in more || (base['QW_SESSION'] !== undefined && OURS.has(name)));

const OURS: ReadonlySet<string> = new Set(['TMPDIR', 'TMP', 'TEMP', 'QW_SESSION', 'QW_ROOT']);

function withVariables(
  base: NodeJS.ProcessEnv,
  ours: Variables,
  isReplaced: (name: string) => boolean,
): Record<string, string> {
  const kept = Object.entries(base).filter(([name]) => !isReplaced(name));
  const all = [...kept, ...Object.entries(ours)];
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Inherited from an agent we run inside: they would put this session's files into that one's TMPDIR. */
const REMOVED = ['CLAUDE_CODE_TMPDIR', 'CLAUDE_TMPDIR'];
