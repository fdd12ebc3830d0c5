// The whole of `qw-run true`, from before its exec until it was waited for.
import { fixture, qwRun } from '../../../helpers/paths.js';
import type { Bench, Node, Row } from './bench.js';
import { interleave } from './interleave.js';
import { duration } from './runs.js';
import type { Line } from './table.js';

export const wholeRun: Row = {
  name: 'whole',
  measure: async (bench) => {
    const lines: Line[] = [];
    for (const node of bench.nodes) lines.push(...(await measureUnder(node, bench)));
    return lines;
  },
};

async function measureUnder({ path, name }: Node, bench: Bench): Promise<Line[]> {
  const under = (script: string) => () =>
    duration({ file: path, args: [script, 'true'], cwd: bench.box.cwd, env: asUsers(bench) });
  const { ours, least, tmp } = await interleave(
    {
      ours: under(qwRun),
      least: under(fixture('least-wrapper.cjs')),
      tmp: under(fixture('tmp-wrapper.mjs')),
    },
    bench.runs(30),
  );
  const what = `\`qw-run true\`, ${name}`;
  return [
    { what, against: 'least wrapper', ours, peer: least, unit: 'ms', goal: { is: 'times', limit: 1.25 } },
    {
      what,
      against: 'foreground-child + tmp-promise',
      ours,
      peer: tmp,
      unit: 'ms',
      goal: { is: 'times', limit: 0.8 },
    },
  ];
}

/** With the reaper's own pass, as users have it: at most every ten minutes a root. */
const asUsers = ({ box }: Bench): NodeJS.ProcessEnv => ({
  ...box.env,
  QW_REAP: undefined,
  TMPDIR: box.dir,
});
