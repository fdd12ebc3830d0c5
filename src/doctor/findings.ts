// The verdict: what should be done, gravest first, each with the one command that fixes it. Pure; the table
// in docs/doctor.md is this function.
import type { Unseen } from '../root/mute.js';
import { agentFindings } from './agents.js';
import { environmentFindings } from './environment-findings.js';
import type { Facts } from './facts.js';
import type { Finding, Weight } from './finding.js';
import { machineFindings } from './machine-findings.js';
import { rootFindings } from './root-findings.js';
import { sessionFindings } from './session-findings.js';
import { spaceFindings } from './space-findings.js';
import { startFileFindings } from './start-files.js';

export function findings(facts: Facts): Finding[] {
  const all = [
    ...spaceFindings(facts),
    ...rootFindings(facts.roots, facts.unmarked),
    ...facts.unseen.map(muteMount),
    ...environmentFindings(facts.environment),
    ...machineFindings(facts),
    ...startFileFindings(facts.environment.startFiles),
    ...agentFindings(facts.agents),
    ...sessionFindings(facts),
    ...timeUp(facts),
  ];
  return WEIGHTS.flatMap((weight) => all.filter((finding) => finding.weight === weight));
}

/** Something is to be done. */
export const isAnythingToDo = (found: readonly Finding[]): boolean =>
  found.some(({ weight }) => weight !== 'note');

const muteMount = ({ path, reason, hint }: Unseen): Finding => ({
  weight: 'warning',
  code: 'mute-mount',
  about: path,
  text: `${reason}: qw-run lists and reaps nothing there${hint && '; whoever looks there waits for good'}`,
  command: hint || 'ulimit -a', // nobody could be sent there
});

const timeUp = ({ cut }: Facts): Finding[] =>
  cut.length === 0
    ? []
    : [
        {
          weight: 'note',
          code: 'time-up',
          about: cut.join(', '),
          text: 'there was no time to look at everything: sizes show what was seen',
          command: 'qw-tmp doctor --time 5m',
        },
      ];

const WEIGHTS: readonly Weight[] = ['problem', 'warning', 'note'];
