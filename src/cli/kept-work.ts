// Work in a session, in words: what it is, how to save it, how to remove it.
import { workText } from '../receipt/words.js';
import { readMounts } from '../root/mounts.js';
import { emptiedBySystem, type KeptWork } from '../work/kept-work.js';

/** One line for each piece of work that session `id` keeps. */
export const describeKept = (id: string, work: readonly KeptWork[]): string[] =>
  work.map((one) => {
    const limit = emptiedBySystem(one.path, readMounts());
    const save = one.save === null ? 'commit and push it' : `save it with: ${one.save}`;
    const how = `${save}${limit ? ` (${limit})` : ''}`;
    return `kept ${workText(one)}; ${how}; or remove it with: qw-tmp rm ${id}`;
  });

/** One line for each piece that was removed. */
export const describeGone = (work: readonly KeptWork[]): string[] =>
  work.map((one) => {
    const forget = one.forget === null ? '' : `; now run: ${one.forget}`;
    return `removed ${workText(one)}${forget}`;
  });
