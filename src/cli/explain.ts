// qw-tmp explain: whose something is, why it is still there or what removed it. Exit 0: of a session; 1: not
// ours.
import { misuse } from '../errors.js';
import { explain as explainOne } from '../explain/explain.js';
import { printable } from '../options.js';
import type { Command, CommandInput } from './command.js';
import { EXPLAIN_HELP } from './command-help.js';
import { EXIT } from './exit-codes.js';
import { toJson } from './format.js';
import { print } from './say.js';

export const explain: Command = { name: 'explain', help: EXPLAIN_HELP, options: {}, run };

async function run({ names, root, isJson }: CommandInput): Promise<number> {
  const [about, more] = names;
  if (about === undefined || about === '' || more !== undefined)
    throw misuse('explain needs one path, id of a session, or pid');
  const explanation = await explainOne(about, process.env, root);
  print(isJson ? toJson(explanation) : `${explanation.text.map(printable).join('\n')}\n`);
  return explanation.isOurs ? 0 : EXIT.fellShort;
}
