// Runs a command in a session of its own. A command that fails is a result, not an exception.
import { runAgent } from 'qw-run';

const run = await runAgent('sh', ['-c', 'mktemp; exit 3'], { label: 'example' });
const { exitCode, stdout, end } = await run.result;

console.log(`it made ${stdout}`);
console.log(`it exited with ${exitCode}; its TMPDIR is ${end.state}`);
