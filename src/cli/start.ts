#!/usr/bin/env node
// The commands qw-run and qw-tmp: each runs the bundle beside it that is named after it.
// biome-ignore-start assist/source/organizeImports: the order is the purpose
import './check-node.js';
import { runCompiled } from './compiled.js';
// biome-ignore-end assist/source/organizeImports: the order is the purpose

declare const __filename: string;

const { exports, keep } = runCompiled<typeof import('./qw-run-main.js')>(
  __filename.replace(/\.cjs$/, '-main.cjs'),
);
void exports.main(process.argv.slice(2), keep);
