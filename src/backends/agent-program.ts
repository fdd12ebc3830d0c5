// Tells an agent from other programs: by the name of its command, by its package, or by where its file is.
import { programName, type Target, targetOf } from './command-target.js';

export interface AgentProgram {
  /** What its command is called. */
  name: string;
  /** Its package on npm. */
  pack: string;
  /** How the path of its program ends where it is installed. */
  entry: RegExp;
}

/**
 * Decides whether a command starts this agent. A name has to be the whole one: claude-monitor is another
 * program.
 */
export const starter =
  (program: AgentProgram) =>
  (command: readonly string[]): boolean => {
    const target = targetOf(command);
    return target !== undefined && isAgent(program, target);
  };

function isAgent({ name, pack, entry }: AgentProgram, { word, kind }: Target): boolean {
  if (kind === 'package') return word === name || packageName(word) === pack;
  return programName(word) === name || entry.test(word);
}

/** Without its version. */
const packageName = (spec: string): string => spec.replace(/(?<=.)@[^@/]*$/, '');
