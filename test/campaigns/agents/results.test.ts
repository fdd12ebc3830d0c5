// Results of a measurement that was stopped are there for the next one.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sandbox } from '../../helpers/sandbox.js';
import { resultsIn } from './results.js';
import { noResult } from './stage/row.js';

const result = { measured: { ...noResult(''), exit: 0 }, date: '2026-11-29' };

test('what was measured is not measured again; what broke is', (t) => {
  const file = join(sandbox(t).dir, 'results');
  const first = resultsIn(file);
  assert.equal(first.of('a'), undefined);
  first.add('a', result);
  first.add('b', { ...result, measured: noResult('broke') });
  appendFileSync(file, '\n["c",{"exit":'); // it died here
  resultsIn(file).add('d', result);
  const last = resultsIn(file);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((run) => last.of(run)),
    [result, undefined, undefined, result],
  );
});

test('without a file nothing is kept', () => {
  const none = resultsIn(undefined);
  none.add('a', result);
  assert.equal(none.of('a'), undefined);
});
