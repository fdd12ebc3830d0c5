// What the kernel and ps write about processes, read right whatever a process calls itself.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readStat } from '#src/process/identity.js';
import { parseStat } from '#src/process/process-stat.js';
import { parsePs, psStat } from '#src/process/ps.js';
import { variable } from '#src/process/variables.js';

/** A line of /proc/PID/stat, as Linux 6 writes it. */
const stat = (comm: string, flags = 4194304) =>
  `4711 (${comm}) S 1 4711 4700 34816 4720 ${flags} 90 0 0 0 1 2 0 0 20 0 1 0 778899 9000000 500 18446744073709551615 1 1 0 0 0 0 0 4096 81920 0 0 0 17 1 0 0 0 0 0 1 2 3 4 5 140737 6 0\n`;

const EXPECTED = {
  pid: 4711,
  state: 'S',
  ppid: 1,
  pgrp: 4711,
  session: 4700,
  terminal: 34816,
  tpgid: 4720,
  startTime: 778899,
  environAt: 140737,
  threads: 1,
};

describe('/proc/PID/stat', () => {
  const names = [
    'sh',
    'tmux: server',
    'a)',
    '(',
    ')',
    '()',
    ') R 1 2 3 (',
    'x) Z 0 0 0 0 0 0',
    'a\nb',
    '\n',
    '',
    ' ',
    '((sd-pam))',
  ];
  for (const comm of names) {
    test(`of a process called ${JSON.stringify(comm)}`, () => {
      assert.deepEqual(parseStat(stat(comm)), { ...EXPECTED, comm, isKernelThread: false, isExiting: false });
    });
  }
  test('of a process of any name', () => {
    const same = (comm: string) =>
      assert.deepEqual(
        { ...parseStat(stat(comm)) },
        { ...EXPECTED, comm, isKernelThread: false, isExiting: false },
      );
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[() \nA-Z0-9]*$/)), same));
  });
  test('of a kernel thread, and of a program that has only taken such a name', () => {
    assert.equal(parseStat(stat('kworker/0:1', 0x00200000 | 64))?.isKernelThread, true);
    assert.equal(parseStat(stat('kworker/0:1'))?.isKernelThread, false);
    assert.equal(parseStat(stat('sh', 0x00400004))?.isExiting, true);
  });
  test('without a terminal', () => assert.equal(parseStat(stat('x').replace(' 4720 ', ' -1 '))?.tpgid, -1));
  for (const text of ['', ' ', '\n', '4711', '4711 (sh', '4711 sh) S 1', ')(']) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseStat(text), undefined));
  }
  test('our own, read by nobody but us and the kernel', () => {
    const own = readStat(process.pid);
    assert.deepEqual([own?.pid, own?.ppid], [process.pid, process.ppid]);
    const raw = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
    assert.deepEqual([own?.pgrp, own?.session, own?.startTime], [raw[2], raw[3], raw[19]].map(Number));
  });
});

const HAS_PS = spawnSync('ps', ['-p', '1']).error === undefined;

describe('ps', () => {
  const table: [line: string, expected: object | undefined][] = [
    [
      '4711     1  4711  4720 Ss   Tue Nov  4 02:53:35 2025 /bin/zsh',
      { pid: 4711, ppid: 1, pgrp: 4711, tpgid: 4720, state: 'S', startTime: 1762224815, comm: 'zsh' },
    ],
    [
      '1 0 1 -1 S+ Fri Jan 31 23:59:59 2026 /Applications/My App.app/Contents/MacOS/My App',
      { pid: 1, ppid: 0, pgrp: 1, tpgid: -1, state: 'S', startTime: 1769903999, comm: 'My App' },
    ],
    [
      '88 1 88 0 Z Mon Dec 15 00:00:00 2025 <defunct>',
      { pid: 88, ppid: 1, pgrp: 88, tpgid: 0, state: 'Z', startTime: 1765756800, comm: '<defunct>' },
    ],
    ['88 1 88 0 R Mon Dec 15 00:00:00 2025 -bash', { pid: 88, state: 'R', comm: '-bash' }],
    ['', undefined],
    ['  PID  PPID  PGID TPGID STAT STARTED COMMAND', undefined],
    ["ps: unrecognized option: 'p'", undefined],
    ['88 1 88 0 R 10:23 bash', undefined],
  ];
  for (const [line, expected] of table) {
    test(JSON.stringify(line), () => {
      const found = parsePs(line);
      if (expected === undefined) assert.equal(found, undefined);
      else assert.deepEqual({ ...found, ...expected }, found);
    });
  }
  test('a session id is never made up: it would prove membership', () => {
    assert.equal(parsePs('88 1 88 0 R Mon Dec 15 00:00:00 2025 -bash')?.session, 0);
  });
  test('any line is read or refused', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (line) => parsePs(line) === undefined));
  });
  test('asked about ourselves says what procfs says', { skip: HAS_PS ? false : 'no ps here' }, () => {
    const [ps, own] = [psStat(process.pid), readStat(process.pid)];
    assert.ok(ps && own);
    const { pid, ppid, pgrp, tpgid } = own;
    assert.deepEqual({ ...ps, pid, ppid, pgrp, tpgid }, ps);
    assert.ok(
      Math.abs(ps.startTime * 1_000 - (Date.now() - process.uptime() * 1_000)) < 10_000,
      `${ps.startTime}`,
    );
    assert.equal(psStat(process.pid)?.startTime, ps.startTime);
  });
  test('asked about a process that is gone says so', { skip: HAS_PS ? false : 'no ps here' }, () => {
    assert.equal(psStat(spawnSync('true').pid), undefined);
  });
});

describe('a variable of an environment', () => {
  const of = (text: string) => variable(text, 'TMPDIR');
  const table: [environ: string, value: string | undefined][] = [
    ['TMPDIR=/a\0', '/a'],
    ['A=1\0TMPDIR=/a\0B=2\0', '/a'],
    ['A=1\0TMPDIR=/a', '/a'],
    ['TMPDIR=\0', ''],
    ['XTMPDIR=/b\0TMPDIR=/a\0', '/a'],
    ['XTMPDIR=/b\0', undefined],
    ['CLAUDE_TMPDIR=/b\0', undefined],
    ['TMPDIRS=/b\0', undefined],
    ['TMPDIR\0', undefined],
    ['A=TMPDIR=/b\0', undefined],
    ['A=\nTMPDIR=/b\0', undefined],
    ['TMPDIR=/a=b\n c\0', '/a=b\n c'],
    ['TMPDIR=/a\0TMPDIR=/b\0', '/a'],
    ['', undefined],
    ['\0\0', undefined],
  ];
  for (const [environ, value] of table) {
    test(`${JSON.stringify(environ)}: ${value === undefined ? 'none' : JSON.stringify(value)}`, () => {
      assert.equal(of(environ), value);
    });
  }
});
