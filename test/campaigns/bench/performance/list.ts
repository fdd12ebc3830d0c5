// `qw-tmp list` of many living sessions, beside a Node that starts and does nothing.

import { qwTmp } from '../../../helpers/paths.js';
import { forge } from '../../../helpers/reaping.js';
import type { Row } from './bench.js';
import { interleave } from './interleave.js';
import { duration } from './runs.js';
import { idOf, ownedHere } from './sessions.js';
import type { Line } from './table.js';

export const list: Row = {
  name: 'list',
  measure: async ({ nodes, box, runs, size }) => {
    const lines: Line[] = [];
    const lease = ownedHere('generic');
    const files = Array.from({ length: 50 }, (_, at) => `f${at}`);
    for (let at = 0; at < size(200); at += 1)
      forge(box, idOf(at), { lease: { ...lease, id: idOf(at) }, files });
    for (const { path, name } of nodes) {
      const under = (args: string[]) => () => duration({ file: path, args, cwd: box.cwd, env: box.env });
      const { ours, peer } = await interleave(
        { ours: under([qwTmp, 'list', '--root', box.root]), peer: under(['-e', '0']) },
        runs(20),
      );
      const what = `\`qw-tmp list\`, ${size(200)} sessions of 50 files, ${name}`;
      lines.push({ what, against: '`node -e 0`', ours, peer, unit: 'ms', goal: { is: 'more', limit: 60 } });
    }
    return lines;
  },
};
