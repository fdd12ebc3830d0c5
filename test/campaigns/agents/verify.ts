// Measures what the real agents leave, alone and under qw-run, and whether that is what we promise.
//   npm run verify:agents -- --help
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from '../../helpers/paths.js';
import { USAGE, type Wanted, wantedOf } from './arguments.js';
import { type Installed, installed, missingPrograms } from './install.js';
import { LIMITS } from './limits.js';
import { eachOf, type PlannedRun, planned } from './plan.js';
import { resultsIn } from './results.js';
import { rowsOf } from './rows.js';
import { SCENARIOS } from './scenarios.js';
import { cannotStage, type Stage, staged } from './stage/place.js';
import { noResult } from './stage/row.js';
import { merged, type Row, spliced, tableOf } from './table.js';

async function main(): Promise<number> {
  if (process.argv.includes('--help')) return say(USAGE);
  const wanted = wantedOf(process.argv.slice(2), process.env);
  if (wanted.isListOnly) return say(list(wanted));
  if (wanted.docs !== undefined) spliced(readFileSync(join(repoRoot, wanted.docs), 'utf8'), ''); // it can be, later
  const stage = stageOf(wanted);
  const why = cannotStage(stage);
  if (why !== false) throw new Error(why);
  const agents: Installed[] = [];
  for (const { cli, version } of wanted.agents) agents.push(await installed(wanted.cache, cli, version));
  const lacking = missingPrograms();
  if (lacking.length > 0) console.error(`sandboxed runs are left out: no ${lacking.join(', ')} here`);
  const scenarios = wanted.scenarios.filter(({ isSandboxed }) => !isSandboxed || lacking.length === 0);
  const results = resultsIn(wanted.results);
  const done = await eachOf(planned(agents, scenarios), wanted.jobs, async (run) => {
    const before = results.of(titleOf(run));
    const result = before ?? { measured: await measure(stage, wanted.cache, run), date: today() };
    if (!before) results.add(titleOf(run), result);
    return { run, ...result };
  });
  const rows = rowsOf(done, LIMITS);
  const text = report(agents, rows);
  say(text);
  const wrong = rows.filter(({ faults }) => faults.length > 0);
  if (wanted.isVerbose)
    for (const row of wrong) say(`\n${titleOf(row.run)}: ${row.faults.join(', ')}\n${row.measured.said}`);
  if (wanted.docs !== undefined) write(join(repoRoot, wanted.docs), text, wanted.isMerged);
  console.error(`${rows.length} runs, ${wrong.length} not as expected`);
  return wrong.length === 0 ? 0 : 1;
}

function stageOf({ cache, uid }: Wanted): Stage {
  const dir = join(cache, 'runs');
  mkdirSync(dir, { recursive: true });
  const owner = uid ?? (statSync(repoRoot).uid || 65_534);
  if (process.getuid?.() === 0) chownSync(dir, owner, owner);
  return { dir, keep: [cache], uid: owner };
}

async function measure(stage: Stage, cache: string, run: PlannedRun<Installed>) {
  const { agent, scenario, mode } = run;
  const { updatesFrom } = scenario;
  const older =
    updatesFrom === undefined ? {} : { older: (await installed(cache, agent.cli, updatesFrom)).program };
  const measured = await staged(stage, {
    ...older,
    cli: agent.cli.name,
    scenario: scenario.name,
    program: agent.program,
    mode,
  }).catch((error: Error) => noResult(error.message));
  console.error(`${titleOf(run)}: exit ${measured.exit}`);
  return measured;
}

const titleOf = ({ agent, scenario, mode }: PlannedRun<{ cli: { name: string }; version: string }>): string =>
  `${agent.cli.name} ${agent.version}, ${scenario.title}, ${mode}`;

const list = ({ agents, scenarios }: Wanted): string => planned(agents, scenarios).map(titleOf).join('\n');

function report(
  agents: readonly Installed[],
  rows: readonly (Row & { run: PlannedRun<Installed>; date: string })[],
): string {
  const tables = agents.flatMap((agent) => {
    const own = rows.filter(({ run }) => run.agent === agent);
    const tag = agent.tag === undefined ? '' : ` (${agent.tag} on npm)`;
    return own.length === 0 ? [] : [`### ${agent.cli.name} ${agent.version}${tag}\n\n${tableOf(own)}`];
  });
  const dates = [...new Set(rows.map(({ date }) => date))].sort();
  return `Measured ${dates.join(', ')}, Linux ${release().replace(/^(\d+\.\d+).*/, '$1')}, Node ${process.versions.node}, by \`npm run verify:agents\`.\n\n${tables.join('\n\n')}`;
}

const today = (): string => new Date().toISOString().slice(0, 10);

function write(path: string, text: string, isMerged: boolean): void {
  const document = readFileSync(path, 'utf8');
  const titles = SCENARIOS.map(({ title }) => title);
  writeFileSync(path, isMerged ? merged(document, text, titles) : spliced(document, text));
  console.error(`written to ${path}`);
}

function say(text: string): 0 {
  console.log(text);
  return 0;
}

// What was begun goes with us (stage/place.ts).
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
process.setMaxListeners(0);
process.exitCode = await main().catch((error: Error) => {
  console.error(error.message);
  return 2;
});
