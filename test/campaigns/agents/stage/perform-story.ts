// Background sessions of Claude, told step by step; then all of them and their daemon are stopped, and what is left is looked at.
import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { qwExec } from '../../../helpers/paths.js';
import { quoted } from '../../../helpers/quoted.js';
import { waitUntil } from '../../../helpers/wait-until.js';
import { standIn } from '../api/stand-in.js';
import { cliNamed } from '../clis/clis.js';
import type { InSlot, Mode, Scenario } from '../scenario.js';
import { BASE } from './agent.js';
import { background } from './background.js';
import { read, write } from './files.js';
import { handOver } from './hand-over.js';
import { watchPlaces } from './left.js';
import { others } from './processes.js';
import { relaunch } from './relaunch.js';
import type { Measured, Run } from './row.js';
import { ofDaemon, ourSessions } from './sessions.js';
import { settled } from './settled.js';
import { IN_SLOT } from './slot.js';
import { FREELY, PATIENCE, ROOT, type Stage } from './story.js';

export async function performStory(run: Run, scenario: Scenario): Promise<Measured> {
  const cli = cliNamed(run.cli);
  const api = await standIn(scenario.commands);
  const settings = run.mode === 'slot' ? slotIn(run.home) : {};
  const setup = { port: api.port, work: run.work, isSandboxed: false, isInDaemon: true, settings };
  for (const [path, text] of Object.entries(cli.files(setup))) write(join(run.home, path), text);
  const places = watchPlaces(['/tmp', '/var/tmp', '/dev/shm']);
  const env = { ...BASE, HOME: run.home, TERM: 'xterm-256color', ...cli.env(api.port) };
  const wrong: string[] = [];
  const program = join(run.home, 'claude');
  symlinkSync(run.older ?? run.program, program);
  const ran = ([file = '', ...args]: readonly string[]) =>
    promisify(execFile)(file, args, { cwd: run.work, env, timeout: 120_000 });
  const claude = async (...args: string[]): Promise<string> => (await ran([program, ...args])).stdout;
  const stage: Stage = {
    ...{ program, work: run.work, env, claude },
    update: () => {
      rmSync(program);
      symlinkSync(run.program, program);
    },
    background: async (task, wrapper = []) => {
      const { stdout, stderr } = await ran([...wrapper, program, '--bg', FREELY, task]);
      return { name: /backgrounded · (\w+)/.exec(stdout)?.[1] ?? '', said: stderr };
    },
    strays: () => {
      const all = api.bodies.flatMap((body) => [...body.matchAll(/do not get TMPDIR \\*"([^"\\]+)/g)]);
      return [...new Set(all.map(([, tmpdir = '']) => tmpdir))];
    },
    expect: (what, holds) => {
      if (!holds) wrong.push(what);
    },
  };
  let said = '';
  await told(stage, scenario, run.mode).catch((error: Error) => {
    wrong.push(error.message.split('\n')[0] ?? '');
    said = error.message;
  });
  await claude('daemon', 'stop', '--any').catch(() => {}); // where none runs it says so
  const ended = () => ofDaemon().length === 0;
  const over = () => ourSessions().length === 0;
  await waitUntil('the daemon and its sessions end', ended, PATIENCE)
    .then(() => waitUntil('sessions of ours end with it', over, PATIENCE)) // a watchdog looks every 30 s
    .catch((error: Error) => {
      wrong.push(error.message);
      said += others()
        .map(({ pid }) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
        .join('\n');
    });
  const { files, processes } = await settled(() => ({ files: places.left(), processes: others() }));
  await api.close();
  const inRoot = files.filter(({ path }) => path.startsWith(`${ROOT}/`));
  return {
    ...{ exit: 0, began: 0, ran: api.ran(), isTold: false, started: [], made: '', meanwhile: wrong },
    tmp: files
      .filter(({ path }) => path.startsWith('/tmp/') && !path.startsWith(`${ROOT}/`))
      .map(({ path, bytes }) => ({ path: path.slice('/tmp/'.length), bytes })),
    root: inRoot.filter(({ path }) => /^\/[a-z0-9]{8}\//.test(path.slice(ROOT.length))),
    elsewhere: files.filter(({ path }) => !path.startsWith('/tmp/')),
    processes: processes.map(({ name }) => name).sort(),
    ...{ said, asked: api.asked },
  };
}

async function told(stage: Stage, { story, pair }: Scenario, mode: Mode): Promise<void> {
  if (story === undefined) return;
  if (story === 'relaunch') return relaunch(stage, mode);
  if (!pair) return IN_SLOT[story as InSlot](stage);
  return story === 'background'
    ? background(stage, pair, mode)
    : handOver(stage, story as 'fork' | 'bg', pair, mode);
}

/** Settings of a person who has our launcher in Claude's slot. */
function slotIn(home: string): object {
  const launcher = join(home, 'launcher');
  const bins = dirname(qwExec);
  const template = readFileSync(join(bins, 'qw-launcher.sh'), 'utf8');
  const text = template.replace('@BINS@', () => quoted(bins));
  write(launcher, text);
  chmodSync(launcher, 0o755);
  return { env: { CLAUDE_CODE_PROCESS_WRAPPER: launcher } };
}
