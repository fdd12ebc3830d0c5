// Who may be hung up after SIGTERM: the decision of src/end/hang-up.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAloneOnTerminal } from '#src/end/hang-up.js';

const SHELL = { pid: 10, session: 10, terminal: 34_818 };
const JOB = { pid: 11 };

const table: [who: string, may: boolean, is: boolean][] = [
  ['who leads the session of a terminal, alone', true, isAloneOnTerminal(SHELL, [SHELL])],
  ['with a job', false, isAloneOnTerminal(SHELL, [SHELL, JOB])],
  ['a job in it', false, isAloneOnTerminal({ ...SHELL, pid: 12 }, [{ pid: 12 }])],
  ['a leader without a terminal', false, isAloneOnTerminal({ ...SHELL, terminal: 0 }, [SHELL])],
];
for (const [who, may, is] of table) test(`${may ? 'may' : 'may not'}: ${who}`, () => assert.equal(is, may));
