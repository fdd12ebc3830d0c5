// Every link in a document leads to a file and a heading that are there, and every page can be found from the README.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { anchorsOf, linksOf, PAGES } from '../helpers/documents.js';
import { repoRoot } from '../helpers/paths.js';

/** The file that a link of a page leads to, from the top of the repository; undefined where it leads out of it. */
function leadsTo(page: string, target: string): { path: string; anchor: string | undefined } | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [file = '', anchor] = target.split('#');
  return { path: file ? relative(repoRoot, join(repoRoot, dirname(page), file)) : page, anchor };
}

for (const page of PAGES)
  test(`the links of ${page} lead somewhere`, () => {
    const dead = linksOf(page).filter((target) => {
      const { path, anchor } = leadsTo(page, target) ?? {};
      if (path === undefined) return false;
      return !existsSync(join(repoRoot, path)) || (anchor !== undefined && !anchorsOf(path).includes(anchor));
    });
    assert.deepEqual(dead, []);
  });

test('the README leads to every page', () => {
  const linked = linksOf('README.md').map((target) => leadsTo('README.md', target)?.path);
  assert.deepEqual(
    PAGES.filter((page) => page !== 'README.md' && !linked.includes(page)),
    [],
  );
});
