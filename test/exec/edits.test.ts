import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { argumentEdits, environmentEdits, forAnySession } from '#src/exec/edits.js';

describe('argumentEdits', () => {
  const table: [from: string[], to: string[], edits: string[]][] = [
    [['a', 'b'], ['a', 'b'], []],
    [[], [], []],
    [
      ['a', 'b'],
      ['a', 'x', 'b'],
      ['keep 1', 'add x', 'keep 1'],
    ],
    [
      ['a', 'b'],
      ['x', 'a', 'b'],
      ['add x', 'keep 2'],
    ],
    [
      ['a', 'b', 'c'],
      ['a', 'c'],
      ['keep 1', 'skip 1', 'keep 1'],
    ],
    [
      ['a', 'b'],
      ['a', 'x'],
      ['keep 1', 'add x', 'skip 1'],
    ],
    [
      ['a', 'a'],
      ['a', 'x', 'a'],
      ['keep 1', 'add x', 'keep 1'],
    ],
    [['a'], [], ['skip 1']],
    [
      ['a', ''],
      ['', 'a', ''],
      ['skip 1', 'keep 1', 'add a', 'add '],
    ],
  ];
  for (const [from, to, edits] of table)
    test(`${JSON.stringify(from)} to ${JSON.stringify(to)}`, () =>
      assert.deepEqual(argumentEdits(from, to), edits));
});

test('environmentEdits: what is new, other or gone', () => {
  const edits = environmentEdits({ A: '1', B: '2', C: '3' }, { A: '1', B: 'x y', D: '' });
  assert.deepEqual(edits, ['set B x y', 'set D ', 'unset C']);
});

test('forAnySession: what names this one is left open', () => {
  const edits = [
    'set TMPDIR /r/abcdefgh/tmp',
    'set X /r/abcdefgh/tmp/x',
    'set QW_SESSION abcdefgh',
    'set Y 1',
    'unset Z',
  ];
  assert.deepEqual(forAnySession(edits, { id: 'abcdefgh', tmpdir: '/r/abcdefgh/tmp' }), [
    'place TMPDIR ',
    'place X /x',
    'id QW_SESSION',
    'set Y 1',
    'unset Z',
  ]);
});
