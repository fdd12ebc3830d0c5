#!/usr/bin/env node
// The qw-run command: runs its bundle.
import { runCompiled } from './compiled.js';

declare const __dirname: string;

const { exports, keep } = runCompiled<typeof import('./qw-run-main.js')>(`${__dirname}/qw-run-main.cjs`);
void exports.main(process.argv.slice(2), keep);
