// The end of a small session on a machine with others at work: from the child's last word until qw-run was waited for.
import { qwRun } from '../../../helpers/paths.js';
import type { Row } from './bench.js';
import { interleave } from './interleave.js';
import { CLOCK, story } from './runs.js';
import { sleepers } from './sleepers.js';
import type { Line } from './table.js';

const MAKE = 'i=0; while [ $i -lt 20 ]; do : > "$TMPDIR/$i"; i=$((i + 1)); done';

export const endSmall: Row = {
  name: 'end',
  measure: async (bench) => {
    const { nodes, box, runs, size } = bench;
    const processes = size(100);
    sleepers(processes, bench);
    const lines: Line[] = [];
    for (const { path, name } of nodes) {
      const args = [qwRun, 'sh', '-c', `${MAKE}; exec ${CLOCK.join(' ')}`];
      const ours = () => story({ file: path, args, cwd: box.cwd, env: box.env }).fromChild;
      const times = await interleave({ ours }, runs(30));
      const what = `20 entries, ${processes} more processes, ${name}`;
      lines.push({
        what,
        against: '',
        ours: times.ours,
        peer: [],
        unit: 'ms',
        goal: { is: 'at most', limit: 25 },
      });
    }
    return lines;
  },
};
