// What the agent may have put in place of the lease: it is a lease to the letter, or none at all.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseLease } from '#src/lease/lease.js';
import { fullLease as full } from '../helpers/full-lease.js';

const WRONG = [
  ...[
    null,
    true,
    [],
    {},
    [[]],
    [1],
    '',
    'x',
    '../../..',
    'abcd12345',
    'ABCD1234',
    '__proto__',
    'constructor',
  ],
  ...[0, -1, 1, 0.5, 2, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 64, '1', '4711', 'not a date', { at: 5 }],
  ...[{ at: 'soon' }, { pid: 0, startTime: 1 }, { pid: 1 }, { pid: '1', startTime: '1' }, { length: 0 }],
];
const FIELDS = [...Object.keys(full), ...Object.keys(full.owner).map((name) => `owner.${name}`), 'agent.pid'];
const REQUIRED = FIELDS.filter((name) =>
  /^(version|id|backend|command|cwd|createdAt|owner(?!\.timeNamespace).*)$/.test(name),
);

const copyWith = (name: string, change: (record: Record<string, unknown>, key: string) => void) => {
  const copy = structuredClone(full) as unknown as Record<string, unknown>;
  const [first = '', second] = name.split('.');
  if (second === undefined) change(copy, first);
  else change(copy[first] as Record<string, unknown>, second);
  return copy;
};

describe('a field that is wrong makes it no lease, or is a lease to the letter', () => {
  for (const name of FIELDS) {
    test(name, () => {
      for (const value of WRONG) {
        const wrong = copyWith(name, (record, key) => Object.assign(record, { [key]: value }));
        const parsed = parseLease(JSON.stringify(wrong));
        if (parsed) assert.deepEqual(parsed, wrong);
        const isType = typeof value === typeof (full as unknown as Record<string, unknown>)[name];
        if (!name.includes('.') && !isType) assert.equal(parsed, undefined, JSON.stringify(value));
      }
      const without = copyWith(name, (record, key) => delete record[key]);
      assert.equal(
        parseLease(JSON.stringify(without)) === undefined,
        [...REQUIRED, 'agent.pid'].includes(name),
      );
    });
  }
});

test('a lock is the name of one in the root, never a path', () => {
  const named = (lock: string) => parseLease(JSON.stringify({ ...full, lock }))?.lock;
  for (const lock of ['.lock-1-0-', '.lock-4711-12345-4026531836']) assert.equal(named(lock), lock);
  const wrong = [
    '',
    '.lock',
    '.lock-',
    '.lock-1-2',
    '/etc/passwd',
    '../.lock-1-2-3',
    '.lock-1-2-3/x',
    '.lock-1-2-3\n',
  ];
  for (const lock of [...wrong, '.lock--1-2-3', '.lock-1-2-x', `.lock-1-2-${'3'.repeat(200)}`])
    assert.equal(named(lock), undefined, lock);
});

describe('no lease', () => {
  const json = JSON.stringify(full);
  const texts: [what: string, text: string][] = [
    ['a newer version', JSON.stringify({ ...full, version: 2 })],
    ['an older version', JSON.stringify({ ...full, version: 0 })],
    ['NaN as a number', json.replace('4711', 'NaN')],
    ['a number too large for JSON', json.replace('4711', '1e999')],
    ['a pid of minus one, which is everybody', json.replace('4711', '-1')],
    ['a pid of zero, which is our own group', json.replace('4711', '0')],
    ['a pid beyond any kernel', json.replace('4711', '99999999999')],
    ['its fields on a prototype', `{"__proto__":${json}}`],
    ['an array of it', `[${json}]`],
    ...['', ' ', '{}', '[]', 'null', '1', '"x"', '{"version":1}'].map((it): [string, string] => [
      `"${it}"`,
      it,
    ]),
    ...[1, 100, json.length - 1].map((at): [string, string] => [`cut after ${at} bytes`, json.slice(0, at)]),
  ];
  for (const [what, it] of texts) test(what, () => assert.equal(parseLease(it), undefined));
  test('anything else: any text, any JSON', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (it) => parseLease(it) === undefined));
  });
});
