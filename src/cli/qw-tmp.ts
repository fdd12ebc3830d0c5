#!/usr/bin/env node
// The qw-tmp command: runs its bundle.
import { runCompiled } from './compiled.js';

declare const __dirname: string;

const { exports, keep } = runCompiled<typeof import('./qw-tmp-main.js')>(`${__dirname}/qw-tmp-main.cjs`);
void exports.main(process.argv.slice(2), keep);
