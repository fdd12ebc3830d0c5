// docs/reaper-setup.md: its units are ones that systemd takes, and the service runs the reaper.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { blocksOf } from '../helpers/documents.js';
import { homeWithAgents } from '../helpers/fake-agents.js';
import { scene } from '../helpers/scene.js';

const [service = '', timer = ''] = blocksOf('reaper-setup.md')
  .filter(({ language }) => language === 'ini')
  .map(({ text }) => text);
const noSystemd = spawnSync('systemd-analyze', ['--version']).error ? 'no systemd-analyze here' : false;

test('the units are ones that systemd takes', { skip: noSystemd }, (t) => {
  const { box, options } = scene(t);
  const [unit, clock] = ['service', 'timer'].map((kind) => join(box.dir, `qw-reap.${kind}`));
  const verify = (text: string) => {
    writeFileSync(unit as string, service);
    writeFileSync(clock as string, text);
    const env = { ...options.env, XDG_RUNTIME_DIR: box.dir };
    const args = ['verify', '--user', unit as string, clock as string];
    const { status, stderr } = spawnSync('systemd-analyze', args, { env, encoding: 'utf8' });
    return { status, stderr };
  };
  assert.deepEqual(verify(timer), { status: 0, stderr: '' });
  assert.match(verify(timer.replace('OnBootSec', 'OnBootSek')).stderr, /Unknown key/, 'it can tell');
});

test('what the service starts is a pass of the reaper', (t) => {
  const here = scene(t);
  const { env } = homeWithAgents(here);
  const [, command = ''] = /^ExecStart=(.*)$/m.exec(service) ?? [];
  const { status, stdout } = spawnSync('sh', ['-c', command], { ...here.options, env, encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, /^freed /m);
  here.nothingLeft();
});
