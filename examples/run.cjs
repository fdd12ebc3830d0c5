// The same from CommonJS: start, stop early, see who was ended.
const { runAgent } = require('qw-run');

async function main() {
  const run = await runAgent('sh', ['-c', 'sleep 1000 & echo ready; wait'], { grace: '2s' });
  await new Promise((resolve) => run.subprocess.stdout.once('data', resolve));

  const { signal, end } = await run.stop();
  const names = end.ended.map(({ name }) => name);
  console.log(`ended ${names.join(' and ')} (${signal}); its TMPDIR is ${end.state}`);
}

main();
