// Each call that changes something on the way from the opening of a session to its end fails, once or from there on: qw-run does
// not crash, the agent's exit status stays, and what is left on the disk is told; a pass later takes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParallel, inScene, row, size, sized } from '../../helpers/conformance.js';
import { HOUR, reapOnce } from '../../helpers/reaping.js';
import type { Scene } from '../../helpers/scene.js';
import { CODE, leftOvers, neighbours, onDisk, results, WAYS, type Walk, type Way, walk } from './walk.js';

const ERRORS = ['EIO', 'ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EMFILE', 'ENOENT', 'EBUSY'] as const;

interface Fault {
  at: number;
  error: string;
  on: boolean;
}

for (const way of sized({ fast: WAYS.slice(2), full: WAYS.slice(1) })) {
  test(`each changing call fails: ${way.name}`, async () => {
    const { steps } = await inScene(async (here) => {
      neighbours(here);
      return walk(here, way, {}, true);
    });
    const faults = faultsOf(steps, way.flags.length === 0);
    const found = await inParallel(faults, (fault) => inScene((here) => fails(here, way, fault)));
    for (const error of ERRORS) {
      const tried = faults.flatMap((fault, index) => (fault.error === error ? (found[index] ?? []) : []));
      row('faults', [
        way.name,
        error,
        tried.length,
        tried.length - tried.filter(({ complaints }) => complaints.length > 0).length,
      ]);
    }
    assert.deepEqual(
      found.flatMap(({ complaints }) => complaints),
      [],
    );
  });
}

/** All of them; for `npm test` one error for each different call, all in turn. */
function faultsOf(steps: readonly string[], on: boolean): Fault[] {
  const all = steps.map((_, index) => index + 1);
  if (size === 'fast')
    return all
      .filter((at) => steps.indexOf(steps[at - 1] ?? '') === at - 1)
      .map((at) => ({ at, error: ERRORS[at % ERRORS.length] as string, on: at % 3 === 0 }));
  return ERRORS.flatMap((error) => all.map((at) => ({ at, error, on })));
}

async function fails(here: Scene, way: Way, fault: Fault): Promise<{ complaints: string[] }> {
  const before = neighbours(here);
  const untouched = before();
  const walked = await walk(here, way, fault, true);
  const { error, at, on } = fault;
  const where = `${at} ${walked.steps[at - 1]} ${error}${on ? ' from there on' : ''}`;
  const complaints: string[] = [];
  const claim = (isSo: boolean, text: string) =>
    isSo || complaints.push(`${where}: ${text}; ${JSON.stringify(walked.stderr)}`);
  isWellEnded(walked, claim);
  claim(!results(here).includes('lost'), 'the agent lost its file');
  const left = leftOvers(here);
  if (left.length > 0) {
    claim(walked.stderr.includes(here.box.root), `${onDisk(here)} left without a word`);
    await reapOnce(here, ['--orphans', 'end']);
    if (leftOvers(here).length > 0) await reapOnce(here, [], { laterMs: 80 * HOUR });
    claim(leftOvers(here).length === 0, `after the reap: ${onDisk(here)}`);
  } else if (way.flags.length > 0)
    claim(!walked.stderr.includes('could not remove'), 'nothing is left, but something else is said');
  claim(here.processes().length === 0, 'a process is left');
  claim(JSON.stringify(before()) === JSON.stringify(untouched), 'something of others changed');
  return { complaints };
}

/** As the agent; where that could not be started, by our own word. */
function isWellEnded(
  { code, signal, stderr, ...walked }: Walk,
  claim: (isSo: boolean, text: string) => unknown,
): void {
  claim(signal === null, `ended by ${signal}`);
  if (walked.hasRun()) claim(code === CODE, `the agent exited with ${CODE}, qw-run with ${code}`);
  else claim(code === 125 || code === 126 || code === 127, `no agent, and ${code}`);
  claim(!/unexpected|node:|at .*\.(c?js|ts):/.test(stderr), 'a fault of the program');
  if (!walked.hasRun()) claim(/^(qw-run: [^\n]+\n)+$/.test(stderr), 'not told in lines of ours');
}
