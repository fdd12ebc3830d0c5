// The claims of removers that died. They are taken over by a rename, then go the same road as a new claim:
// looked at again, finished or given back. Only names that are claims of ours are touched.
import { join } from 'node:path';
import { fs, isFullCode, type OpenDirectory, openBelow, quietly, systemCode, whileOpen } from '../fs.js';
import { namesIn } from '../names.js';
import { SESSION_ID, sessionDir, trashDir } from '../root/layout.js';
import { isOurs } from '../root/trusted.js';
import { type Claim, type Claims, lookAt, type Thing, UNIT_CLAIM } from './claim.js';
import { isInHand, newClaim, parseClaim } from './claim-name.js';

/** Why a thing goes that a remover which died had claimed. */
export const UNFINISHED = 'removal-unfinished';

/** The dead claims on sessions in the trash of `root`. Changes nothing. */
export const deadSessions = (root: string): { id: string; path: string }[] =>
  deadIn(root, trashDir(root), sessionClaim).map((name) => ({
    id: name.slice(0, name.indexOf('.')),
    path: join(trashDir(root), name),
  }));

/** The paths of the dead claims on units of `dir`, which lies below `base`. Changes nothing. */
export const deadUnits = (base: string, dir: string): string[] =>
  deadIn(base, dir, unitClaim).map((name) => join(dir, name));

/** Takes over the dead claims on sessions of `root`. */
export function takeOverSessions(root: string): Claims[] {
  const names = deadIn(root, trashDir(root), sessionClaim);
  if (names.length === 0) return [];
  const open = openBoth(root, root, trashDir(root));
  if (!open) return [];
  const { origin, shelf, close } = open;
  const claims = names.flatMap((name): Claim[] => {
    const id = name.slice(0, name.indexOf('.'));
    const mine = `${id}.${newClaim()}`;
    const claimed = renamed(shelf, name, mine);
    if (claimed === undefined) return [];
    const thing: Thing = { kind: 'session', path: sessionDir(root, id), base: root };
    return [{ thing, at: join(trashDir(root), claimed), parent: shelf, name: claimed }];
  });
  return [{ claims, unclaimed: [], origin, shelfName: '.trash', close }];
}

/** The same of units in `dir`, except those that `stays` names. */
export function takeOverUnits(base: string, dir: string, stays = (_path: string) => false): Claims[] {
  return deadIn(base, dir, unitClaim).flatMap((name) => {
    if (stays(join(dir, name))) return [];
    const open = openBoth(base, dir, join(dir, name));
    const mine = open && renamed(open.origin, name, UNIT_CLAIM + newClaim());
    if (!open || mine === undefined) {
      open?.close();
      return [];
    }
    const claims: Claim[] = [];
    const unclaimed: Claims['unclaimed'] = [];
    for (const unit of quietly(() => fs.readdirSync(open.shelf.base)) ?? []) {
      const thing: Thing = { kind: 'unit', path: join(dir, unit), base };
      const at = join(dir, mine, unit);
      try {
        lookAt(join(open.shelf.base, unit));
        claims.push({ thing, at, parent: open.shelf, name: unit });
      } catch (error) {
        unclaimed.push({ thing: { ...thing, path: at }, error });
      }
    }
    return [{ claims, unclaimed, origin: open.origin, shelfName: mine, close: open.close }];
  });
}

const sessionClaim = (name: string) => {
  const [id = '', claim, ...rest] = name.split('.');
  return SESSION_ID.test(id) && claim !== undefined && rest.length === 0 ? parseClaim(claim) : undefined;
};
/** A session that somebody removes, or did not remove to the end. */
export const isSessionClaim = (name: string): boolean => sessionClaim(name) !== undefined;

const unitClaim = (name: string) =>
  name.startsWith(UNIT_CLAIM) ? parseClaim(name.slice(UNIT_CLAIM.length)) : undefined;

/** Names in `dir` that are dead claims of ours; none where `dir` is behind a link. */
function deadIn(base: string, dir: string, claimerOf: typeof sessionClaim): string[] {
  const isDead = (at: string, name: string) => {
    const claimer = claimerOf(name);
    if (!claimer) return false;
    const stat = quietly(() => fs.lstatSync(join(at, name)));
    // In /tmp others may leave such names.
    return stat?.isDirectory() === true && isOurs(stat) && !isInHand(claimer, stat.ctimeMs);
  };
  const deadOf = ({ base: at }: OpenDirectory) => namesIn(at, (name) => isDead(at, name));
  return quietly(() => whileOpen(openBelow(base, dir), deadOf)) ?? [];
}

/** The new name; the old one where the disk is too full to rename; undefined when somebody was faster. */
function renamed({ base }: OpenDirectory, name: string, to: string): string | undefined {
  try {
    fs.renameSync(join(base, name), join(base, to));
    return to;
  } catch (error) {
    return isFullCode(systemCode(error)) ? name : undefined;
  }
}

function openBoth(base: string, dir: string, shelfDir: string) {
  const origin = quietly(() => openBelow(base, dir));
  const shelf = quietly(() => openBelow(base, shelfDir));
  const close = () => {
    origin?.close();
    shelf?.close();
  };
  if (origin && shelf) return { origin, shelf, close };
  close();
  return undefined;
}
