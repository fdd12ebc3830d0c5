// Names in a directory, read by the piece: there may be millions, put there by anybody, and few are meant.
import { fs } from './fs.js';

/** The names that are meant, in order. Throws the system's error. */
export function namesIn(dir: string, isMeant: (name: string) => boolean): string[] {
  const meant: string[] = [];
  untilName(dir, (name) => {
    if (isMeant(name)) meant.push(name);
    return false;
  });
  return meant.sort();
}

/** Whether all are, asked up to the first that is not. Throws the system's error. */
export const areAll = (dir: string, isMeant: (name: string) => boolean): boolean =>
  !untilName(dir, (name) => !isMeant(name));

function untilName(dir: string, isIt: (name: string) => boolean): boolean {
  const listing = fs.opendirSync(dir, { bufferSize: AT_ONCE });
  try {
    for (let entry = listing.readSync(); entry; entry = listing.readSync()) if (isIt(entry.name)) return true;
    return false;
  } finally {
    listing.closeSync();
  }
}

const AT_ONCE = 256;
