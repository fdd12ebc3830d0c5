// The fenced blocks of our documents, so that tests can run them or find them in code that runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from './paths.js';

export interface Block {
  /** The word after the fence; empty where there is none. */
  language: string;
  text: string;
  /** The nearest heading above it. */
  heading: string;
}

/** All blocks of `docs/<name>`, in order. */
export function blocksOf(name: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: Block | undefined;
  for (const line of readFileSync(join(repoRoot, 'docs', name), 'utf8').split('\n')) {
    const [, language] = /^```(.*)$/.exec(line) ?? [];
    if (language !== undefined) {
      if (open) blocks.push(open);
      open = open ? undefined : { language, text: '', heading };
    } else if (open) open.text += `${line}\n`;
    else if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
  }
  return blocks;
}
