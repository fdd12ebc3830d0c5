// Versions as agents number them: three numbers. Pure.

export type Version = readonly [major: number, minor: number, patch: number];

/** The version at the start of `text`. */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch] = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?![\d.])/.exec(text) ?? [];
  return patch === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

/** False for an unknown one: it counts as the newest. */
export function isBefore(version: Version | undefined, bound: Version): boolean {
  if (!version) return false;
  const at = version.findIndex((number, index) => number !== bound[index]);
  return at >= 0 && (version[at] as number) < (bound[at] as number);
}
