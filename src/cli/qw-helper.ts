// The helper process of a server: passes, lists, and the removal of large trees.
import { Socket } from 'node:net';
import type { LaterInput, NoteInput } from '../helper/for-server.js';
import { removeNamed } from '../helper/remove-named.js';
import { serve } from '../helper/serve.js';
import { listNow } from '../reap/list-sessions.js';
import { passHere } from '../reap/pass-here.js';
import { removeSessions } from '../reap/remove-sessions.js';
import { writeNews } from '../receipt/log.js';
import { receiptsHere } from '../receipt/read-receipts.js';
import { startRemoval } from '../session/remove-later.js';
import { goInside } from '../tree/from-inside.js';

/** The pipe to the server. */
const PIPE = 3;

goInside();
void serve(new Socket({ fd: PIPE }), {
  pass: passHere,
  list: listNow,
  rm: removeSessions,
  remove: removeNamed,
  later: async ({ root }: LaterInput) => {
    startRemoval(root);
    return {};
  },
  note: async ({ receipt, env }: NoteInput) => ({ receipts: await writeNews([receipt], env) }),
  receipts: receiptsHere,
});
