// npm run stress:log [-- --writers 200 --victims 50]: so many processes write into one log at once, and some more are killed over that.
// Exits 1 unless every line is there, whole, once.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parseArgs } from 'node:util';
import { isWhole, logStorm } from '../../helpers/log-storm.js';
import { scene } from '../../helpers/scene.js';

const { values } = parseArgs({
  options: { writers: { type: 'string', default: '200' }, victims: { type: 'string', default: '50' } },
});
const [writers, victims] = [Number(values.writers), Number(values.victims)];
const undo: (() => void)[] = [];
const here = scene({ after: (action: () => void) => undo.push(action) } as unknown as TestContext);
process.once('exit', () => {
  for (const action of undo.reverse()) action();
});
const state = join(here.box.dir, 'state');
mkdirSync(join(state, 'qw-run'), { recursive: true, mode: 0o700 });
const stormed = await logStorm(here, { state, writers, lines: 5, victims });
const { found, written, torn } = stormed;
console.log(
  `${writers} writers wrote ${written.length} lines, ${victims} were killed after ${found.length - written.length} more;`,
);
console.log(`${torn.length} of those are torn`);
isWhole(stormed, victims);
process.exit(written.length === writers * 5 ? 0 : 1);
