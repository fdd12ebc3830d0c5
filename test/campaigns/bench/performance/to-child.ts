// From before the exec of qw-run until its child runs: the child is date(1), which tells the time first thing.
import { fixture, qwRun } from '../../../helpers/paths.js';
import type { Row } from './bench.js';
import { interleave } from './interleave.js';
import { CLOCK, story } from './runs.js';
import type { Line } from './table.js';

export const toChild: Row = {
  name: 'start',
  measure: async ({ nodes, box, runs }) => {
    const lines: Line[] = [];
    for (const { path, name } of nodes) {
      const under = (script: string) => () =>
        story({ file: path, args: [script, ...CLOCK], cwd: box.cwd, env: box.env }).toChild;
      const { ours, peer } = await interleave(
        { ours: under(qwRun), peer: under(fixture('least-wrapper.cjs')) },
        runs(30),
      );
      const goal = { is: 'more', limit: 6 } as const;
      lines.push({ what: `exec to exec, ${name}`, against: 'least wrapper', ours, peer, unit: 'ms', goal });
    }
    return lines;
  },
};
