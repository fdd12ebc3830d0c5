// What `npm test` prints. For a person: a dot for each test or table of tests, then what failed and why, what
// was skipped and why, and how many did what. In CI (`CI=true`): all of it, as TAP. Both end with the counts of
// node's runner.
import { relative } from 'node:path';
import { type TestEvent, tap } from 'node:test/reporters';
import { inspect } from 'node:util';

type Source = AsyncIterable<TestEvent>;
type Failed = Extract<TestEvent, { type: 'test:fail' }>['data'];

export default process.env['CI'] ? tap : short;

async function* short(source: Source): AsyncGenerator<string> {
  const failures: string[] = [];
  const skipped = new Map<string, number>();
  const counts: string[] = [];
  /** Of the test that runs, and before it of those around it. */
  const names: string[] = [];
  /** On stderr, by file: of one that could not even be loaded it is the reason. */
  const said = new Map<string, string>();
  let dots = 0;
  for await (const { type, data } of source) {
    if (type === 'test:start') names.splice(data.nesting, Infinity, data.name);
    if (type === 'test:stderr') said.set(data.file, (said.get(data.file) ?? '') + data.message);
    if (type === 'test:diagnostic' && COUNT.test(data.message)) counts.push(`# ${data.message}`);
    if (type === 'test:fail' && !hasOnlyFailedBelow(data)) failures.push(describe(data, names, said));
    if (type === 'test:pass' && typeof data.skip === 'string')
      skipped.set(data.skip, (skipped.get(data.skip) ?? 0) + 1);
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting > 0) continue;
    dots += 1;
    yield `${type === 'test:pass' ? '.' : 'X'}${dots % WIDTH === 0 ? '\n' : ''}`;
  }
  const reasons = [...skipped].map(([reason, count]) => `${count} skipped: ${reason}`);
  yield ['\n', ...failures, ...reasons, ...counts, ''].join('\n');
}

/** A table of tests: these are told. */
const hasOnlyFailedBelow = ({ details }: Failed): boolean =>
  'failureType' in details.error && details.error.failureType === 'subtestsFailed';

function describe(
  { file = '', line, nesting, name, details: { error } }: Failed,
  names: readonly string[],
  said: ReadonlyMap<string, string>,
): string {
  const path = [...names.slice(0, nesting), name].join(' > ');
  const where = file === '' ? '' : ` (${relative(process.cwd(), file)}:${line ?? 1})`;
  return `failed: ${path}${where}\n${indented(inspect(error.cause ?? error))}${indented(said.get(file) ?? '')}`;
}

const indented = (text: string): string => text.trimEnd().replace(/^/gm, '  ') + (text === '' ? '' : '\n');

const WIDTH = 100;
const COUNT = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;
