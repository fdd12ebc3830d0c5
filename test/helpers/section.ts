// Puts what a script measured or tried into a document, between the markers of its section, and makes tables for it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from './paths.js';

/** `document` is a file of `docs`. */
export function writeSection(document: string, name: string, text: string): void {
  const file = join(repoRoot, 'docs', document);
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), name, text));
}

/** The document with `text` between `<!-- name -->` and `<!-- /name -->`. */
export function withSection(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no section ${name}`);
  return `${document.slice(0, from)}${begin}${text}\n${document.slice(to)}`;
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (it: readonly string[]) => `| ${it.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
