// What a shell has to do to turn one list of arguments, or one environment, into another. It has the bytes,
// and we only what can be said of them in UTF-8: what stays the same is kept by its place, never written
// anew. Pure.

/** `keep N`, `skip N`, `add TEXT`; empty where nothing changes. */
export function argumentEdits(from: readonly string[], to: readonly string[]): string[] {
  const edits: string[] = [];
  let at = 0;
  let kept = 0;
  const flush = () => {
    if (kept > 0) edits.push(`keep ${kept}`);
    kept = 0;
  };
  for (const word of to) {
    const next = from.indexOf(word, at);
    if (next < 0) {
      flush();
      edits.push(`add ${word}`);
      continue;
    }
    if (next > at) flush();
    if (next > at) edits.push(`skip ${next - at}`);
    kept += 1;
    at = next + 1;
  }
  flush();
  if (at < from.length) edits.push(`skip ${from.length - at}`);
  return edits.every((edit) => edit.startsWith('keep ')) ? [] : edits;
}

/** `set NAME VALUE`, `unset NAME`. */
export function environmentEdits(from: NodeJS.ProcessEnv, to: Readonly<Record<string, string>>): string[] {
  const set = Object.entries(to).filter(([name, value]) => from[name] !== value);
  const unset = Object.keys(from).filter((name) => !(name in to));
  return [...set.map(([name, value]) => `set ${name} ${value}`), ...unset.map((name) => `unset ${name}`)];
}

/** The same for any session: what names this one's TMPDIR or id is filled in by the shell. */
export const forAnySession = (
  edits: readonly string[],
  { id, tmpdir }: { id: string; tmpdir: string },
): string[] =>
  edits.map((edit) => {
    const [, name = '', value = ''] = /^set (\S+) (.*)$/s.exec(edit) ?? [];
    if (value === id) return `id ${name}`;
    return value.startsWith(tmpdir) ? `place ${name} ${value.slice(tmpdir.length)}` : edit;
  });
