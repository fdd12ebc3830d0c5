// In /tmp every user's reaper leaves the same hidden names. Root takes its own, never those of others, whose processes it has not looked at.
import assert from 'node:assert/strict';
import { chownSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { UNIT_CLAIM } from '#src/take/claim.js';
import { takeOverUnits } from '#src/take/dead-claims.js';
import { deadClaim } from '../helpers/claims.js';
import { put } from '../helpers/reaping.js';
import { sandbox } from '../helpers/sandbox.js';
import { noUsers, OTHER } from '../helpers/users.js';

test('root leaves the leftovers of others alone', { skip: noUsers() }, (t) => {
  const { dir } = sandbox(t);
  const leftover = (name: string) => dirname(put(join(dir, UNIT_CLAIM + deadClaim(), name)));
  const theirs = leftover('theirs');
  leftover('ours');
  chownSync(theirs, OTHER, OTHER);
  const [claimed, ...others] = takeOverUnits(dir, dir);
  assert.equal(others.length, 0);
  assert.deepEqual(
    claimed?.claims.map(({ thing }) => thing.path),
    [join(dir, 'ours')],
  );
  claimed?.close();
  assert.deepEqual(readdirSync(theirs), ['theirs']);
});
