// The one value of a git config that matters here: core.worktree, which names the working tree of a
// repository that lies elsewhere (git-config(1), "Syntax"). Included files are not looked at. Pure.

/** `core.worktree` in the text of a config, the last one where there are several. */
export function coreWorktree(text: string): string | undefined {
  let isCore = false;
  let value: string | undefined;
  for (const line of text.replace(/\\\r?\n/g, '').split('\n')) {
    const [, section, rest = line] = /^\s*\[([^\]]*)\](.*)$/.exec(line) ?? [];
    if (section !== undefined) isCore = section.trim().toLowerCase() === 'core';
    const [, given] = /^\s*worktree\s*=\s*(.*?)\s*$/i.exec(rest) ?? [];
    if (isCore && given !== undefined) value = unquoted(given);
  }
  return value || undefined;
}

/** Without quotes and escapes. A comment outside quotes ends it. */
function unquoted(text: string): string {
  let value = '';
  let isQuoted = false;
  for (const [piece] of text.matchAll(/\\.|[^\\]/gs)) {
    if (piece === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (piece === '#' || piece === ';')) return value.trimEnd();
    else value += piece.startsWith('\\') ? (ESCAPES[piece] ?? piece.slice(1)) : piece;
  }
  return value;
}

const ESCAPES: Record<string, string> = { '\\n': '\n', '\\t': '\t', '\\b': '\b' };
