// In /tmp every user's reaper leaves the same hidden names. Root takes its own, never those of others, whose processes it has not looked at.
import assert from 'node:assert/strict';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ASIDE, claimLeftovers } from '#src/remove/trash.js';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';
import { noUsers, OTHER } from '../helpers/users.js';

test('root leaves the leftovers of others alone', { skip: noUsers() }, (t) => {
  const { dir } = sandbox(t);
  const leftover = (name: string) => dirname(put(join(dir, `${ASIDE}${name}.1-1-aaaaaaaa`, 'file')));
  const theirs = leftover('theirs');
  leftover('ours');
  chownSync(theirs, OTHER, OTHER);
  const claimed = claimLeftovers(dir, ASIDE);
  assert.equal(claimed.length, 1);
  assert.match(claimed[0] ?? '', /\.ours\./);
  assert.ok(existsSync(theirs));
  assert.ok(claimed[0] && readdirSync(claimed[0]).includes('file'));
});
