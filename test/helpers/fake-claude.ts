// Installs the imitation of Claude in a test's sandbox, as npm does.
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fixture } from './paths.js';
import type { Scene } from './scene.js';

export interface FakeClaude {
  /** `claude` is in its PATH, and what it writes outside of TMPDIR goes below `elsewhere`. */
  env: NodeJS.ProcessEnv;
  elsewhere: string;
  /** Writes a file: below HOME with `~/`, else below the working directory. */
  write(name: string, text: string): string;
}

export function fakeClaude({ box, options }: Scene, version: string): FakeClaude {
  const pack = join(box.dir, 'node_modules/@anthropic-ai/claude-code');
  const bin = join(box.dir, 'node_modules/.bin');
  const elsewhere = join(box.dir, 'elsewhere');
  for (const dir of [pack, bin, elsewhere]) mkdirSync(dir, { recursive: true });
  copyFileSync(fixture('fake-claude.mjs'), join(pack, 'cli.js'));
  chmodSync(join(pack, 'cli.js'), 0o755);
  writeFileSync(
    join(pack, 'package.json'),
    JSON.stringify({ name: '@anthropic-ai/claude-code', version, type: 'module' }),
  );
  symlinkSync('../@anthropic-ai/claude-code/cli.js', join(bin, 'claude'));
  const env: NodeJS.ProcessEnv = {
    ...options.env,
    PATH: `${bin}:${options.env['PATH']}`,
    FAKE_TMP: elsewhere,
    FAKE_VERSION: version.split('.')[2],
  };
  const write = (name: string, text: string) => {
    const path = name.startsWith('~/') ? join(env['HOME'] ?? '', name.slice(2)) : join(box.cwd, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  return { env, elsewhere, write };
}
