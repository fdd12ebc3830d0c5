// Claims on what is to be removed, as their names tell them.
import { newClaim } from '#src/take/claim-name.js';
import { deadOwner } from './reaping.js';

/** The name of a claim that a process of this boot made which is dead. */
export const deadClaim = (): string => newClaim().replace(/^\d+-\d+/, `${deadOwner().pid}-1`);

/** The same of one that lives, and is not us. */
export const claimOf = ({ pid, startTime }: { pid: number; startTime: number }): string =>
  newClaim().replace(/^\d+-\d+/, `${pid}-${startTime}`);
