// `signal` aborted while openSession() runs, at whatever turn: it rejects, and nothing is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSession } from 'qw-run';
import { scene } from '../helpers/scene.js';

const WAYS: [when: string, abort: (controller: AbortController) => void][] = [
  ['at once', (controller) => controller.abort()],
  ['in the next microtask', (controller) => queueMicrotask(() => controller.abort())],
];
for (const [when, abort] of WAYS)
  test(`aborted ${when}`, async (t) => {
    const here = scene(t);
    const controller = new AbortController();
    const opening = openSession({ env: here.box.env, signal: controller.signal });
    abort(controller);
    await assert.rejects(opening, { code: 'ERR_QW_ABORTED' });
    await here.nothingLeftSoon();
  });
