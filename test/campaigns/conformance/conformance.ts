// npm run conformance [-- [--long] [--write] [--only PART,…]]: all that the suite tries, each part a test file; prints its tables as markdown and, with
// --write, puts them between their markers in docs/evidence/reliability.md. Parts that need root, or a user, are for another run. Exits 1
// when a test failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repoRoot } from '../../helpers/paths.js';
import { writeSection } from '../../helpers/section.js';
import { type Row, SECTIONS, type Section, tableOf } from './sections.js';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const who = process.getuid?.() === 0 ? 'root' : 'user';
const dir = mkdtempSync('/tmp/q-rows-');
process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
const only = values.only.flatMap((names) => names.split(','));
const unknown = only.find((name) => !SECTIONS.some((section) => section.name === name));
if (unknown !== undefined)
  throw new Error(`no part ${unknown}; there are ${SECTIONS.map(({ name }) => name).join(', ')}`);
const chosen = SECTIONS.filter(
  ({ name, needs }) => needs === who && (only.length === 0 || only.includes(name)),
);
const failed = chosen.filter((section) => !runSection(section)).map(({ name }) => name);
const others = SECTIONS.filter(({ needs }) => needs !== who).map(({ name }) => name);
console.log(`Not run as ${who}: ${others.join(', ')}.`);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exit(failed.length > 0 || chosen.length === 0 ? 1 : 0);

/** True when all its tests passed. */
function runSection(section: Section): boolean {
  const rows = join(dir, section.name);
  const startedAt = performance.now();
  const env = { ...process.env, CONFORMANCE: values.long ? 'long' : 'full', CONFORMANCE_ROWS: rows };
  const files = section.files.map((file) => join(repoRoot, '.build', `${file}.test.js`));
  const args = ['--test', '--test-concurrency=1', '--test-reporter=tap', ...files];
  const { stdout, status } = spawnSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) console.error(stdout);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const told = existsSync(rows) ? readFileSync(rows, 'utf8').trimEnd().split('\n') : [];
  const text = tableOf(
    section,
    told.map((line) => JSON.parse(line) as Row),
    { tap: stdout, seconds },
  );
  console.log(`## ${section.name}\n\n${text}\n`);
  if (values.write && status === 0) writeSection('evidence/reliability.md', section.name, text);
  return status === 0;
}
