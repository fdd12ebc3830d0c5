// A page for users fits two screens, its lines fit a terminal; evidence and the pages for programs have pages of their own.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocksIn, headingsOf, PAGES, proseOf, readPage } from '../helpers/documents.js';

const MAX_LINES = 125;
const MAX_COLUMNS = 110;
/** For who builds on it or changes it: as long as they have to be. */
const REFERENCES = ['api', 'backends', 'how-it-works', 'quadwork'].map((name) => `docs/${name}.md`);
const LANGUAGES = /^(sh( .+)?|bash zsh|fish|console|text|js|json|ini( .+)?|crontab)$/;

const userPages = PAGES.filter((page) => !page.startsWith('docs/evidence/') && !REFERENCES.includes(page));
/** What cannot be broken (code, a link) may be longer than a line. */
const isBroken = (line: string) => line.length > MAX_COLUMNS && /\S\s+\S/.test(line.replace(/`[^`]*`/g, '…'));

test('there are user pages, and every exception is a page', () => {
  assert.ok(userPages.length > 15, `${userPages.length}`);
  assert.deepEqual(
    REFERENCES.filter((page) => !PAGES.includes(page)),
    [],
  );
});

for (const page of userPages)
  describe(page, () => {
    test('fits two screens, code aside', () => {
      const lines = proseOf(page).trimEnd().split('\n');
      assert.ok(lines.length <= (page === 'README.md' ? 140 : MAX_LINES), `${lines.length} lines`);
    });

    test('has lines that fit, but for tables', () => {
      const lines = proseOf(page).split('\n');
      assert.deepEqual(
        lines.filter((line) => !line.startsWith('|') && isBroken(line)),
        [],
      );
    });

    test('has one title, and says what each block is', () => {
      assert.equal(headingsOf(page).filter(({ level }) => level === 1).length, 1);
      const languages = blocksIn(readPage(page)).map(({ language }) => language);
      assert.deepEqual(
        languages.filter((language) => !LANGUAGES.test(language)),
        [],
      );
    });
  });
