// What `npm test` prints: a dot for each test or table of tests (in CI, with `CI=true`, a line with its time),
// then what failed and why, what was skipped and why, and how many did what, as node's runner counts.
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

type Source = AsyncIterable<TestEvent>;
type Failed = Extract<TestEvent, { type: 'test:fail' }>['data'];

export default async function* report(source: Source): AsyncGenerator<string> {
  const failures: string[] = [];
  const skipped = new Map<string, number>();
  const counts: string[] = [];
  /** Of the test that runs, and before it of those around it. */
  const names: string[] = [];
  /** By file: what has begun and not ended. Of one that never ends, the reason. */
  const running = new Map<string | undefined, string[]>();
  /** On stderr, by file: of one that could not even be loaded it is the reason. */
  const said = new Map<string, string>();
  const isInCi = Boolean(process.env['CI']);
  let dots = 0;
  for await (const { type, data } of source) {
    if (type === 'test:dequeue') running.set(data.file, [...(running.get(data.file) ?? []), data.name]);
    if (type === 'test:complete') running.set(data.file, without(running.get(data.file), data.name));
    if (type === 'test:start') names.splice(data.nesting, Infinity, data.name);
    if (type === 'test:stderr') said.set(data.file, (said.get(data.file) ?? '') + data.message);
    if (type === 'test:diagnostic' && COUNT.test(data.message)) counts.push(`# ${data.message}`);
    if (type === 'test:fail' && !hasOnlyFailedBelow(data))
      failures.push(describe(data, names, said) + stuckIn(data, running));
    if (type === 'test:pass' && typeof data.skip === 'string')
      skipped.set(data.skip, (skipped.get(data.skip) ?? 0) + 1);
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting > 0) continue;
    const mark = type === 'test:pass' ? '.' : 'X';
    dots += 1;
    if (isInCi) yield `${mark} ${String(Math.round(data.details.duration_ms)).padStart(7)} ms ${data.name}\n`;
    else yield `${mark}${dots % WIDTH === 0 ? '\n' : ''}`;
  }
  const reasons = [...skipped].map(([reason, count]) => `${count} skipped: ${reason}`);
  yield [isInCi ? '' : '\n', ...failures, ...reasons, ...counts, ''].join('\n');
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

/** A file that took too long is ended with what runs in it. */
function stuckIn(
  { file, nesting, name }: Failed,
  running: ReadonlyMap<string | undefined, string[]>,
): string {
  const names = nesting === 0 && name === file ? (running.get(file) ?? []) : [];
  return names.length > 0 ? `  it had not ended: ${names.join(', ')}\n` : '';
}

const without = (names: readonly string[] = [], name: string): string[] => {
  const at = names.lastIndexOf(name);
  return names.filter((_, index) => index !== at);
};

const indented = (text: string): string => (text === '' ? '' : `${text.trimEnd().replace(/^/gm, '  ')}\n`);

const WIDTH = 100;
const COUNT = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;
