// Names of left files as patterns: `*` within a component, `**` anything, `<uid>` a number. Pure.

/** `path` matches one of them. */
export const isOneOf = (patterns: readonly string[], path: string): boolean =>
  patterns.some((pattern) => expressionOf(pattern).test(path));

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('**', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0', '.*')
    .replaceAll('<uid>', '\\d+');
  return new RegExp(`^${source}$`, 's');
}
