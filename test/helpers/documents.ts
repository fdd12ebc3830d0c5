// Our documents as tests read them: which pages there are, their headings, links and fenced blocks.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from './paths.js';

export interface Block {
  /** What follows the fence; empty where nothing does. */
  language: string;
  text: string;
  /** The nearest heading above it. */
  heading: string;
}

export interface Heading {
  level: number;
  text: string;
}

/** README.md and every page of docs, from the top of the repository. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(repoRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

export const readPage = (page: string): string => readFileSync(join(repoRoot, page), 'utf8');

/** Without fenced blocks. */
export const proseOf = (page: string): string => readPage(page).replace(/^```[\s\S]*?^```/gm, '');

export const headingsOf = (page: string): Heading[] =>
  [...proseOf(page).matchAll(/^(#+) (.+)$/gm)].map(([, marks = '', text = '']) => ({
    level: marks.length,
    text,
  }));

/** As GitHub makes them: lower case, punctuation gone, spaces to hyphens, repeats numbered. */
export function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return headingsOf(page).map(({ text }) => {
    const plain = text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

/** Where the links in its prose lead. */
export const linksOf = (page: string): string[] =>
  [
    ...proseOf(page)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, target = '']) => target);

/** All blocks of `docs/<name>`, in order. */
export const blocksOf = (name: string): Block[] => blocksIn(readPage(`docs/${name}`));

export function blocksIn(text: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: Block | undefined;
  for (const line of text.split('\n')) {
    const [, language] = /^```(.*)$/.exec(line) ?? [];
    if (language !== undefined) {
      if (open) blocks.push(open);
      open = open ? undefined : { language, text: '', heading };
    } else if (open) open.text += `${line}\n`;
    else if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
  }
  return blocks;
}

/** The command lines of a block: all of `sh`, what follows the prompts of `console`. Without comments; continued lines joined. */
export function commandsIn({ language, text }: Block): string[] {
  const lines = text.replaceAll('\\\n', ' ').split('\n');
  const typed =
    language === 'console'
      ? lines.flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []))
      : lines.filter((line) => /^sh( |$)/.test(language) && line.trim() !== '');
  return typed.map((line) => line.replace(/\s+#( .*|$)/, '').trim()).filter((line) => !line.startsWith('#'));
}
