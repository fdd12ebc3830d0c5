// Makes the bundles of dist, when tsc has had no objection: the library, the commands, and what leads to the library's exports.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const bundle = (outdir, entryPoints, { target = 'node20.3', alias = {}, inject = [] } = {}) =>
  build({
    entryPoints,
    outdir,
    target,
    inject,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    alias: { crypto: './src/session/crypto-when-needed.ts', ...alias },
    define: { QW_VERSION: JSON.stringify(version) },
    logOverride: { 'empty-import-meta': 'silent' },
    logLevel: 'warning',
  });

const STARTS = ['qw-run', 'qw-tmp'];
const PROGRAMS = ['qw-run-main', 'qw-tmp-main', 'qw-watchdog', 'qw-helper'];
const FILES = [
  ...['session/qw-watchdog.sh', 'session/qw-tell.sh', 'exec/qw-prep.sh', 'exec/qw-follow.sh'],
  ...['exec/qw-launcher.sh', 'backends/gemini-defaults.json'],
];

await bundle('dist', ['src/index.ts'], {
  alias: { 'node:timers/promises': './src/real-timers-promises.ts' },
  inject: ['./src/real-timers.ts'],
});
await bundle(
  'dist/bin',
  STARTS.map((out) => ({ in: 'src/cli/start.ts', out })),
  { target: 'es2015' }, // an old Node reads them as far as the line that says so
);
await bundle(
  'dist/bin',
  PROGRAMS.map((name) => `src/cli/${name}.ts`),
);
for (const path of FILES) copyFileSync(`src/${path}`, `dist/bin/${basename(path)}`);
copyFileSync('src/exec/qw-exec.sh', 'dist/bin/qw-exec');
chmodSync('dist/bin/qw-exec', 0o755);
for (const name of [...STARTS, ...PROGRAMS]) chmodSync(`dist/bin/${name}.cjs`, 0o755);

// Node looks for the names of a CommonJS file's exports in its text: in the whole bundle that takes longer than to run it.
const names = Object.keys(require('./dist/index.cjs'));
const lines = names.map((name) => `exports.${name} = library.${name};\n`).join('');
writeFileSync('dist/exports.cjs', `const library = require('./index.cjs');\n${lines}`);
writeFileSync('dist/index.mjs', `export { ${names.join(', ')} } from './exports.cjs';\n`);

// The declarations are those of a CommonJS file: an ES module's could not be required by TypeScript's node16.
mkdirSync('dist/types', { recursive: true });
writeFileSync('dist/types/package.json', '{ "type": "commonjs" }\n');
writeFileSync('dist/index.d.mts', "export * from './types/index.js';\n");
