// The table of cases is whole, and each test that it names is there.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readPage } from '../helpers/documents.js';
import { repoRoot } from '../helpers/paths.js';

const LAST = { A: 18, B: 15, C: 5, D: 9, E: 11 };
const rows = [...readPage('docs/evidence/cases.md').matchAll(/^\| ([A-E]\d+) \| (.+) \| (.+) \|$/gm)];

test('every case has its row', () => {
  const all = Object.entries(LAST).flatMap(([letter, last]) =>
    Array.from({ length: last }, (_, at) => `${letter}${at + 1}`),
  );
  assert.deepEqual(
    rows.map(([, name]) => name),
    all,
  );
});

describe('the tests are there that hold', () => {
  for (const [, name, , tests = ''] of rows)
    test(`${name}`, () => {
      const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, path]) => `test/${path}.test.ts`);
      assert.ok(named.length > 0);
      assert.deepEqual(
        named.filter((path) => !existsSync(join(repoRoot, path))),
        [],
      );
    });
});
