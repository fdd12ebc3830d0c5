// The inner side of the namespace: one run, told as JSON on the command line; the result goes to stdout.
import { perform } from './perform.js';

console.log(JSON.stringify(await perform(JSON.parse(process.argv[2] ?? '{}'))));
process.exit(0);
