// A directory of PATH counts for our own programs when nobody but root can put something else there, by whatever name and link.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findTool, refusedTool } from '#src/process/find-tool.js';
import { inPrivateMounts, mount } from '../helpers/private-mounts.js';
import { script } from '../helpers/stand-ins.js';

const skip = inPrivateMounts(import.meta.url);
const NAME = 'tool-of-a-test';
const BASE = '/opt';
const BIN = `${BASE}/a/bin`;

/** Each makes its own changes to `/opt/a/bin/tool-of-a-test` and names the directory to be in PATH. */
const CASES: [what: string, isFound: boolean, change: () => string][] = [
  ['root’s', true, () => BIN],
  ['root’s, by a link of somebody else', true, () => linked(BIN)],
  ['root’s and writable by a group', false, () => changed(BIN, 0o775)],
  ['root’s, writable by all, sticky', false, () => changed(BIN, 0o1777)],
  ['below a directory that others can write', false, () => changed(dirname(BIN), 0o1777, BIN)],
  ['somebody else’s', false, () => owned(BIN)],
  ['below somebody else’s', false, () => owned(dirname(BIN))],
  ['root’s, with a program that others can write', false, () => changed(join(BIN, NAME), 0o777, BIN)],
  ['root’s, with a program of somebody else', false, () => owned(join(BIN, NAME))],
  ['root’s, with a link to a program of somebody else', false, astray],
  ['a file', false, () => join(BIN, NAME)],
];

for (const [what, isFound, change] of CASES)
  test(what, { skip }, (t) => {
    mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', BASE);
    script(BIN, NAME, 'exit 0');
    const { PATH } = process.env;
    t.after(() => {
      process.env['PATH'] = PATH;
    });
    process.env['PATH'] = `relative:${change()}:/usr/bin`;
    assert.equal(findTool(NAME), isFound ? join(BIN, NAME) : undefined);
    assert.equal(refusedTool(NAME) !== undefined, !isFound && what !== 'a file');
  });

function changed(path: string, mode: number, bin = path): string {
  chmodSync(path, mode);
  return bin;
}

function owned(path: string): string {
  chownSync(path, 1, 1);
  return BIN;
}

function linked(path: string): string {
  const link = `${BASE}/link`;
  symlinkSync(path, link);
  lchownSync(link, 1, 1);
  return link;
}

function astray(): string {
  const elsewhere = `${BASE}/elsewhere`;
  script(elsewhere, NAME, 'exit 0');
  chownSync(elsewhere, 1, 1);
  const bin = `${BASE}/links`;
  mkdirSync(bin);
  symlinkSync(join(elsewhere, NAME), join(bin, NAME));
  return bin;
}
