// node keep-on-failure.mjs <command> [args…]: keeps the TMPDIR of a command that fails, to be looked at.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSession } from 'qw-run';

const [command = 'false', ...args] = process.argv.slice(2);
const session = await openSession({ label: 'keep-on-failure', command: [command, ...args] });
const invocation = session.command(command, args);
const child = spawn(invocation.file, invocation.args, { stdio: 'inherit', env: session.env() });
if (child.pid !== undefined) session.adopt(child.pid);

const [code] = await once(child, 'exit').catch(({ code }) => [code]);
const { state, id, tmpdir } = await session.end({ keep: code !== 0 });
if (state === 'kept') console.error(`${command} failed (${code}): see ${tmpdir}, then qw-tmp rm ${id}`);
process.exitCode = code === 0 ? 0 : 1;
