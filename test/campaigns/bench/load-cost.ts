// What loading the library costs a server, beside bare node: npm run bench:load [-- node…]. Each run is a process of its own, bare
// and loaded ones take turns. Processor time: the clock counts what else the machine does. Of resident memory a part is pages of
// node's own file, which all processes share; the private part is said apart.
import { spawnSync } from 'node:child_process';
import { repoRoot } from '../../helpers/paths.js';
import { median } from './performance/table.js';

const RUNS = 21;
const WAYS = ['', "require('qw-run')", "await import('qw-run')"] as const;

interface Cost {
  ms: number;
  cpuMs: number;
  residentMiB: number;
  privateMiB: number;
}

const SCRIPT = (load: string) => `(async () => {
  const start = performance.now();
  const { user, system } = process.cpuUsage();
  ${load};
  const used = process.cpuUsage({ user, system });
  const ms = performance.now() - start;
  const status = require('fs').readFileSync('/proc/self/status', 'latin1');
  const mib = (name) => Number(new RegExp(name + ':\\\\s+(\\\\d+)').exec(status)[1]) / 1024;
  const cost = { ms, cpuMs: (used.user + used.system) / 1000, residentMiB: mib('VmRSS'), privateMiB: mib('RssAnon') };
  console.log(JSON.stringify(cost));
})()`;

function costOf(node: string, load: string): Cost {
  const options = { cwd: repoRoot, encoding: 'utf8', env: { PATH: process.env['PATH'] } } as const;
  const { stdout, stderr } = spawnSync(node, ['-e', SCRIPT(load)], options);
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout);
}

function medians(costs: readonly Cost[]): Cost {
  const of = (key: keyof Cost) => median(costs.map((cost) => cost[key]));
  return { ms: of('ms'), cpuMs: of('cpuMs'), residentMiB: of('residentMiB'), privateMiB: of('privateMiB') };
}

console.log(
  '| Node | | ms | of processor time | MiB more resident | of that private |\n|---|---|---|---|---|---|',
);
const nodes = process.argv.slice(2);
for (const node of nodes.length > 0 ? nodes : [process.execPath]) {
  const costs: Cost[][] = WAYS.map(() => []);
  for (let run = 0; run < RUNS; run += 1)
    for (const [at, load] of WAYS.entries()) costs[at]?.push(costOf(node, load));
  const [bare, ...loaded] = costs.map(medians) as [Cost, ...Cost[]];
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  for (const [at, cost] of loaded.entries()) {
    const more = (key: keyof Cost) => (cost[key] - bare[key]).toFixed(1);
    const cells = [
      version,
      `\`${WAYS[at + 1]}\``,
      more('ms'),
      more('cpuMs'),
      more('residentMiB'),
      more('privateMiB'),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
