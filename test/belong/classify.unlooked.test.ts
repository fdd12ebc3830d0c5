// Who is ended by what a look without time knows of: nobody whom a whole one would spare. Pure, with forged processes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classify } from '#src/belong/classify.js';
import type { ProcessFacts } from '#src/process/inspect.js';
import { processTable } from '#src/process/table.js';
import { agent, asked, DIR, proc, T, tableOf } from '../helpers/forged.js';

const KINDS = { tmux: 'multiplexer', nx: 'helper', Xvfb: 'display' } as const;
const kindOf = ({ comm }: { comm: string }) => KINDS[comm as keyof typeof KINDS];
const ours = { tmpdir: T, sessionId: 'aaaaaaaa' };
const doors = [{ path: `${T}/s`, peers: 0 }];

/** Who is a member to a whole look, and to one that did not see their sockets. */
function members(processes: (sockets: object) => ProcessFacts[]): [whole: number[], partial: number[]] {
  const endedBy = (isPartial: boolean) => {
    const table = tableOf(processes(isPartial ? {} : { doors }));
    const found = classify(processTable({ ...table, isPartial }), asked({ kindOf }));
    return found.members.map(({ facts }) => facts.pid);
  };
  return [endedBy(false), endedBy(true)];
}

describe('a look without time', () => {
  test('ends the agent and what it started', () =>
    assert.deepEqual(
      members(() => [agent(), proc(300, { ppid: 100 }), proc(400, ours)]),
      [
        [100, 300, 400],
        [100, 300, 400],
      ],
    ));

  test('ends no multiplexer, nobody below it and nobody by variables: it may be somebody’s', () =>
    assert.deepEqual(
      members((sockets) => [
        agent(),
        proc(300, { ...ours, comm: 'tmux', ...sockets }),
        proc(310, { ...ours, ppid: 300 }),
        proc(400, ours),
      ]),
      [[100, 300, 310, 400], [100]],
    ));

  test('ends no helper: others may reach it', () =>
    assert.deepEqual(
      members((sockets) => [proc(300, { ...ours, comm: 'nx', ...sockets })]),
      [[300], []],
    ));

  test('ends no display of unknown number while anybody outside has one', () => {
    const display = (sockets: object) => proc(300, { ...ours, comm: 'Xvfb', args: ['Xvfb'], ...sockets });
    assert.deepEqual(
      members((sockets) => [display(sockets)]),
      [[300], [300]],
    );
    assert.deepEqual(
      members((sockets) => [display(sockets), proc(500, { display: '7' })]),
      [[300], []],
    );
  });

  test('keeps every session', () => {
    const table = processTable({ ...tableOf([]), isPartial: true, slowest: 'java (4711)' });
    const { strays } = classify(table, asked());
    assert.deepEqual(
      strays.map(({ dir, what }) => [dir, what]),
      [[DIR, 'more']],
    );
  });
});
