// While one actor is stopped somebody opens a file of what it is about to claim, then another actor runs to its end: whoever
// removes it, the file stays with all that is beside it, and the next pass after its user takes it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { inParallel, row, sized } from '../../helpers/conformance.js';
import { outsider } from '../../helpers/outsider.js';
import { killed, reapOnce } from '../../helpers/reaping.js';
import { passes } from './passes.js';
import { between, PAIRS, roadOf } from './points.js';
import { LATER, onStage, type Stage } from './stage.js';
import { isFirst } from './steps.js';
import { again, type Meeting, meet } from './stopped.js';

for (const { first, second } of sized({ fast: PAIRS.filter(({ turn }) => turn === 2), full: PAIRS })) {
  test(`${first.name} stopped up to its claim, somebody comes, then ${second.name}`, async () => {
    const { steps, from, claim } = await roadOf(first);
    const points = sized({
      fast: [claim],
      full: between(from, claim).filter((at) => at === claim || isFirst(steps, at)),
    });
    const met = await inParallel(points, (at) =>
      again(
        () => onStage((on) => comesWhile(on, { first, second, step: { at, stop: 'before' } })),
        ({ isUsed }) => isUsed || at !== claim,
      ),
    );
    row('two-actors', [
      first.name,
      `somebody who opens a file, then ${second.name}`,
      met.filter(({ isUsed }) => isUsed).length,
      met.filter(({ complaints }) => complaints.length > 0).length,
    ]);
    assert.ok(met.at(-1)?.isUsed, 'it was in its place before the claim');
    assert.deepEqual(
      met.flatMap(({ complaints }) => complaints),
      [],
    );
  });
}

async function comesWhile(on: Stage, meeting: Meeting): Promise<{ isUsed: boolean; complaints: string[] }> {
  let pid: number | undefined;
  let file = '';
  const { complaints, step } = await meet(on, meeting, async () => {
    file = meeting.first.file(on);
    if (existsSync(file)) pid = await outsider(on.here, 'file', file);
  });
  if (pid !== undefined) complaints.push(...(await isWhole(on, pid, file)));
  if (pid !== undefined) await killed(pid);
  complaints.push(...(await passes(on)));
  const { at } = meeting.step;
  return { isUsed: pid !== undefined, complaints: complaints.map((text) => `${at} ${step}: ${text}`) };
}

/** Now, and after a pass that tells of it. */
async function isWhole(on: Stage, pid: number, file: string): Promise<string[]> {
  const { path, files } = on.goers.find((goer) => file.startsWith(`${goer.path}/`)) ?? {
    path: '',
    files: [],
  };
  const look = (when: string) => {
    const open = openIn(pid, on);
    if (!open || !existsSync(open)) return [`${when}: ${open ?? file} is gone, and somebody uses it`];
    const top = open.slice(0, -file.slice(path.length).length);
    const lost = files.filter((name) => !existsSync(join(top, name)));
    const isSame = readFileSync(open, 'utf8').trim() === 'content';
    return [...(isSame ? [] : [`${when}: it has changed`]), ...lost.map((name) => `${when}: lost ${name}`)];
  };
  const after = look('after both');
  const { report } = await reapOnce(on.here, [], LATER);
  const isTold =
    path === on.unit || report.kept.some(({ id, state }) => id === basename(path) && state === 'held');
  return [
    ...after,
    ...look('after a pass'),
    ...(isTold ? [] : [`not told that it is held: ${JSON.stringify(report)}`]),
    ...report.failed.map((failure) => JSON.stringify(failure)),
  ];
}

/** The path by which the kernel knows what it has open below the root. */
const openIn = (pid: number, { here: { box } }: Stage): string | undefined =>
  readdirSync(`/proc/${pid}/fd`)
    .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
    .find((path) => path.startsWith(`${box.root}/`));
