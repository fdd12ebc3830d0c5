#!/usr/bin/env node
// The qw-tmp command: runs its bundle.
// biome-ignore-start assist/source/organizeImports: the order is the purpose
import './check-node.js';
import { runCompiled } from './compiled.js';
// biome-ignore-end assist/source/organizeImports: the order is the purpose

declare const __dirname: string;

const { exports, keep } = runCompiled<typeof import('./qw-tmp-main.js')>(`${__dirname}/qw-tmp-main.cjs`);
void exports.main(process.argv.slice(2), keep);
