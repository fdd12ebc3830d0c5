// A Node that is too old is told so in one line, whatever of us it could not parse or load.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeOf, notInstalled } from '../helpers/nodes.js';
import { qwRun, qwTmp, repoRoot } from '../helpers/paths.js';
import { put } from '../helpers/reaping.js';
import { scene } from '../helpers/scene.js';

const REFUSED = ['0.12.18', '16.20.2', '18.20.8', '20.0.0', '20.2.9'];
const TAKEN = ['20.3.0', '20.20.2', '21.0.0', '22.11.0', '100.0.0'];

function versionBy(node: string, bin: string, more: string[] = []) {
  const { status, stdout, stderr } = spawnSync(node, [...more, bin, '--version'], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const refused = (version: string) => ({
  status: 125,
  stdout: '',
  stderr: `qw-run needs Node 20.3 or newer, this is v${version}\n`,
});

for (const version of [...REFUSED, ...TAKEN]) {
  test(`${version}, as node says of itself, is ${REFUSED.includes(version) ? 'refused' : 'taken'}`, (t) => {
    const say = (name: string, value: string) =>
      `Object.defineProperty(process, '${name}', { value: ${value} });`;
    const script =
      say('versions', `{ ...process.versions, node: '${version}' }`) + say('version', `'v${version}'`);
    const preload = put(join(scene(t).box.dir, 'version.cjs'), script);
    for (const bin of [qwRun, qwTmp]) {
      const said = versionBy(process.execPath, bin, ['--require', preload]);
      if (REFUSED.includes(version)) assert.deepEqual(said, refused(version));
      else assert.deepEqual([said.status, said.stderr], [0, '']);
    }
  });
}

for (const name of ['16', '18', '20.2']) {
  const node = nodeOf(name);
  test(`a real ${name} is refused`, { skip: !node && notInstalled(name) }, () => {
    const version = spawnSync(node as string, ['--version'], { encoding: 'utf8' })
      .stdout.trim()
      .slice(1);
    assert.ok(version.startsWith(name));
    for (const bin of [qwRun, qwTmp]) assert.deepEqual(versionBy(node as string, bin), refused(version));
  });
}

test('package.json promises what the commands ask for', () => {
  const { engines } = JSON.parse(readFileSync(join(repoRoot, 'package.json'), 'utf8'));
  assert.deepEqual(engines, { node: '>=20.3.0' });
});
