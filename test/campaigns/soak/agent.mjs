// An agent of the soak: for $1 hours of its clock, or until there is a file `stop`, it leaves what Claude Code leaves in its TMPDIR, and
// every file that is younger than two days has to be there as it was written; what is missing is a line of the file $2. Then it
// leaves a process that sleeps $3 real seconds.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const HOUR = 3_600_000;
const [hours, results, sleeps = '0'] = process.argv.slice(2);
const { speed } = JSON.parse(process.env.FAST_CLOCK);
const until = Date.now() + Number(hours) * HOUR;
const dir = `${process.env.TMPDIR}/claude-${process.getuid()}/-project/${randomUUID()}/tasks`;
const everyMs = Math.max(100, (0.4 * HOUR) / speed);
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
let written = [];

mkdirSync(dir, { recursive: true });
appendFileSync(results, `opened ${process.env.QW_SESSION} ${process.ppid}\n`);
while (Date.now() < until && !existsSync('stop')) {
  const path = `${dir}/b${Math.random().toString(36).slice(2)}.output`;
  written.push({ path, at: Date.now() }); // before it is written: hours may go by in between
  writeFileSync(path, path);
  // Looked at first: who was young after the look was young before.
  for (const { path, at } of written)
    if (read(path) !== path && Date.now() - at < 48 * HOUR) appendFileSync(results, `lost ${path}\n`);
  written = written.filter(({ at }) => Date.now() - at < 48 * HOUR);
  await pause(everyMs);
}
if (sleeps !== '0') spawn('sleep', [sleeps], { stdio: 'ignore', detached: true }).unref();
appendFileSync(results, 'ended\n');
