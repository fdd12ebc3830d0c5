// Which TCP ports the processes listened on that were ended: in the receipt, and told to whoever asks.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { run } from '../helpers/cli.js';
import { qwRun, qwTmp } from '../helpers/paths.js';
import { receiptsIn } from '../helpers/receipts.js';
import { scene } from '../helpers/scene.js';

/** Listens on two ports, one of IPv6 where there is that, connects to the first, and writes what they are to the file `ports`. */
const SERVER = `const { createServer, connect } = require('node:net');
  const { writeFileSync } = require('node:fs');
  const { argv: [, file] } = process;
  const first = createServer().listen(0, '127.0.0.1', () => {
    const second = createServer().on('error', () => second.listen(0, '127.0.0.1')).once('listening', () => {
      connect(first.address().port, '127.0.0.1', () => writeFileSync(file, first.address().port + ' ' + second.address().port));
    }).listen(0, '::1');
  });`;

const script = (prefix: string) => `${prefix} "$0" -e "$1" ports </dev/null >/dev/null 2>&1 &
  sleep 600 & until [ -s ports ]; do sleep 0.02; done; cat ports`;

for (const [what, prefix] of [
  ['of this network', ''],
  ['of a network namespace of its own', `unshare -Urn sh -c 'ip link set lo up 2>/dev/null; exec "$@"' sh`],
] as const)
  test(`a server ${what}: its ports, and none of who does not listen`, (t) => {
    if (prefix && spawnSync('unshare', ['-Urn', 'sh', '-c', 'ip link set lo up']).status !== 0)
      return t.skip('no user namespaces, or no ip(8)');
    return listened(scene(t), script(prefix));
  });

async function listened(here: ReturnType<typeof scene>, shell: string): Promise<void> {
  const { stdout, code } = await run(qwRun, ['sh', '-c', shell, process.execPath, SERVER], here.options);
  assert.equal(code, 0);
  const wanted = stdout.trim().split(' ').map(Number);
  assert.equal(wanted.length, 2);
  const [receipt] = receiptsIn(here);
  const ended = receipt?.ended ?? [];
  assert.deepEqual(ended.map(({ name, ports }) => [name === 'sleep' ? name : 'node', ports]).sort(), [
    ['node', wanted.sort((a, b) => a - b)],
    ['sleep', undefined],
  ]);
  const [server] = ended.filter(({ ports }) => ports);
  const text = `; listened on ${wanted.join(', ')}\n`;
  for (const args of [
    ['log', receipt?.id ?? ''],
    ['explain', `${server?.pid}`],
  ])
    assert.ok((await run(qwTmp, args, here.options)).stdout.includes(text), args[0]);
}
