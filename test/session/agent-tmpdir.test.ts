// What is made of the environment that an agent was given: wrong, right, or not to be told yet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Image, judgeTmpdir } from '#src/session/agent-tmpdir.js';

const T = '/tmp/qw-1/abcd1234/tmp';
const own: Image = { environ: 'A=b\0TMPDIR=/tmp\0', cmdline: 'node\0server.js\0', exe: '/usr/bin/node' };
const given = (...entries: string[]) => `${entries.join('\0')}\0`;

const TABLE: [
  what: string,
  agent: Partial<Image>,
  isLast: boolean,
  expected: RegExp | 'later' | undefined,
][] = [
  ['the session’s', { environ: given('X=y', `TMPDIR=${T}`) }, false, undefined],
  ['one below it', { environ: given(`TMPDIR=${T}/x`) }, false, undefined],
  ['another one', { environ: given('TMPDIR=/else') }, false, /TMPDIR is \/else$/],
  ['none', { environ: given('X=y') }, false, /has no TMPDIR$/],
  ['our own environment, in a fork of us', {}, false, 'later'],
  ['the same at last: who knows', {}, true, 'later'],
  ['our own environment, in another program', { exe: '/usr/bin/sh' }, false, /TMPDIR is \/tmp$/],
  ['the same, in another node', { cmdline: 'node\0agent.js\0' }, false, /TMPDIR is \/tmp$/],
  ['no environment yet', { environ: '' }, false, 'later'],
  ['none at all', { environ: '', cmdline: 'sleep\0' }, true, /has no TMPDIR$/],
  ['none, and no arguments: it has left', { environ: '', cmdline: '' }, true, 'later'],
  ['one that cannot be read', { environ: undefined }, true, 'later'],
];

for (const [what, agent, isLast, expected] of TABLE)
  test(`${what}: ${expected ?? 'right'}`, () => {
    const found = judgeTmpdir({ ...own, ...agent }, own, { tmpdirs: [T], isLast });
    if (expected instanceof RegExp) assert.match((found as { wrong: string }).wrong, expected);
    else assert.equal(found, expected);
  });
