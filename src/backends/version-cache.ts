// What agents said of their version, by the path, size and mtime of the program:
// $XDG_STATE_HOME/qw-run/versions.json. It saves time, nothing depends on it: one that is broken or cannot be
// written is no reason to fail, and of two wrappers that write at once one loses an entry, which is asked for
// again.
import { unlessItFails } from '../errors.js';
import { attempt, fs, replaceFile } from '../fs.js';
import { makeStateDir, readShort, stateFile } from '../root/state.js';

/**
 * What was noted for this file, else what `ask` finds out. Both empty where it is no version of the agent.
 */
export function cachedAnswer(path: string, env: NodeJS.ProcessEnv, ask: () => string | undefined): string {
  const stat = attempt(() => fs.statSync(path));
  if (!stat) return '';
  const file = stateFile('versions.json', env);
  const notes = file === undefined ? [] : readNotes(file);
  const stamp = `${stat.size} ${stat.mtimeMs}`;
  const noted = notes.find(([name, at]) => name === path && at === stamp);
  if (noted) return noted[2];
  const answer = ask();
  if (answer === undefined || file === undefined) return answer ?? '';
  const others = notes.filter(([name]) => name !== path);
  writeNotes(file, [[path, stamp, answer], ...others.slice(0, MAX_NOTES - 1)]);
  return answer;
}

type Note = [path: string, stamp: string, answer: string];

function readNotes(file: string): Note[] {
  const notes: unknown = unlessItFails(() => JSON.parse(readShort(file)));
  return Array.isArray(notes) ? notes.filter(isNote) : []; // none yet, or a broken one
}

const isNote = (note: unknown): note is Note =>
  Array.isArray(note) && note.length === 3 && note.every((part) => typeof part === 'string');

/** No home, read-only home, no space: it is asked for again. */
function writeNotes(file: string, notes: Note[]): void {
  unlessItFails(() => {
    makeStateDir(file);
    replaceFile(file, JSON.stringify(notes));
  });
}

const MAX_NOTES = 32;
