// Puts what was measured into docs/performance.md, between the markers of its section.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../../helpers/paths.js';

const FILE = join(repoRoot, 'docs/performance.md');

export function writeSection(name: string, text: string): void {
  writeFileSync(FILE, withSection(readFileSync(FILE, 'utf8'), name, text));
}

/** The document with `text` between `<!-- name -->` and `<!-- /name -->`. */
export function withSection(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no section ${name}`);
  return `${document.slice(0, from)}${begin}${text}\n${document.slice(to)}`;
}
