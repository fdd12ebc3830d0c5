// What `qw-tmp doctor --json` says of a scene.
import assert from 'node:assert/strict';
import type { SpawnOptions } from 'node:child_process';
import type { Diagnosis } from 'qw-run';
import { type Finished, run } from './cli.js';
import { qwTmp } from './paths.js';

export interface Diagnosed extends Finished {
  diagnosis: Diagnosis;
  /** `weight code about` of what does not depend on the machine the tests run on. */
  told: string[];
  /** The command that mends what has this code. */
  command(code: string): string;
}

/** However busy the machine is, it sees all: unless `args` give it another time. */
export async function diagnose(options: SpawnOptions, args: string[] = []): Promise<Diagnosed> {
  const finished = await run(qwTmp, ['doctor', '--json', '--time', '10m', ...args], options);
  assert.notEqual(finished.stdout, '', finished.stderr);
  const diagnosis = JSON.parse(finished.stdout) as Diagnosis;
  const { findings, isHealthy } = diagnosis;
  assert.equal(
    isHealthy,
    findings.every(({ weight }) => weight === 'note'),
  );
  assert.deepEqual([finished.code, finished.stderr], [isHealthy ? 0 : 1, '']);
  const own = findings.filter(({ code }) => !OF_MACHINE.has(code));
  return {
    ...finished,
    diagnosis,
    told: own.map(({ weight, code, about }) => `${weight} ${code} ${about}`),
    command: (code) =>
      findings.find((one) => one.code === code)?.command ?? assert.fail(`no ${code}: ${finished.stdout}`),
  };
}

/** Depends on how full, how mounted and how equipped this machine is, and on what others left in its /tmp. */
const OF_MACHINE = new Set(
  'full low noatime noexec in-memory user-quota hidepid rm-crosses no-rm tmpfiles legacy reaper-off'.split(
    ' ',
  ),
);
