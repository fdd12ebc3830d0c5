// qw-tmp explain: whose something is, why it is still there or what removed it. Exit 0: of a session; 1: not
// ours.
import { misuse } from '../errors.js';
import { explain as explainOne } from '../explain/explain.js';
import { printable } from '../quote.js';
import { type Command, type CommandInput, EXIT } from './command.js';
import { toJson } from './format.js';
import { print } from './say.js';

const HELP = `qw-tmp explain says whose something is, why it is still there or what removed it,
and when it goes.

  qw-tmp explain k3j9x0ab            a session, by id or label
  qw-tmp explain /tmp/qw-1000/x/tmp  a path
  qw-tmp explain 4711                a process

Usage: qw-tmp explain PATH | ID | LABEL | PID [options]

  --root DIR        only this managed root (default: every one ever used)
  --json            for programs

Exit status: 0 it is of a session, or was; 1 it is not ours; 2 misuse.
`;

export const explain: Command = { name: 'explain', help: HELP, run };

async function run({ names, root, isJson }: CommandInput): Promise<number> {
  const [about, more] = names;
  if (about === undefined || about === '' || more !== undefined)
    throw misuse('explain needs one path, id of a session, or pid');
  const explanation = await explainOne(about, process.env, root);
  print(isJson ? toJson(explanation) : `${explanation.text.map(printable).join('\n')}\n`);
  return explanation.isOurs ? 0 : EXIT.fellShort;
}
