// The story of a session's end: say in the lease that it begins, end what is left, remove TMPDIR, report.
// Where somebody still uses TMPDIR then, look again until they are gone, as long as this process lives; after
// us the watchdog does the same.

import { newYielder } from '../clock.js';
import { membersNow } from '../end/descent.js';
import { isAgentExit } from '../end/end-report.js';
import { type Release, release } from '../end/release.js';
import { misuse } from '../errors.js';
import { fs, quietly } from '../fs.js';
import { checkOptions } from '../known-options.js';
import { isAlive } from '../process/identity.js';
import { quote } from '../quote.js';
import { largest } from '../tree/largest.js';
import type { Known } from './known.js';
import { podmanWarnings } from './podman.js';
import { END, type EndOptions, type EndReport } from './session.js';
import { tellSessionEnd } from './session-ends.js';
import { timerMs } from './settings.js';
import type { Upkeep } from './upkeep.js';

type Checked = Omit<EndOptions, 'grace'> & { graceMs?: number };

/** @throws QwRunError `ERR_QW_USAGE` */
export function checkEnd(options: EndOptions): Checked {
  const { grace, ...more } = checkOptions('end()', options, END);
  if (more.exit !== undefined && !isAgentExit(more.exit))
    throw misuse(`exit must be {code, signal} as Node's exit event gives them, not ${quote(more.exit)}`);
  return grace === undefined ? more : { ...more, graceMs: timerMs('grace', grace) };
}

/** Ends it. */
export async function finish(known: Known, upkeep: Upkeep, options: Checked): Promise<EndReport> {
  const { settings } = known;
  const { keep = settings.keep, graceMs = settings.graceMs, measure = settings.wait, hurry, exit } = options;
  const { id, dir, tmpdir, inside, lease, releaseOptions, profile, receipts } = known;
  const yielder = newYielder();
  upkeep.stop();
  decide(known, keep);
  beginEnd(known);
  if (yielder.isDue()) await yielder.yield(); // a server may end many at once
  const lastPressure = upkeep.pressure.look(); // before anything is freed
  lease.writeEnding();
  const contents = inside?.contents() ?? tmpdir;
  const most = measure || lastPressure ? await largest(contents, { onSize: receipts.seen }) : [];
  const warned = warningsFor(known, contents);
  const result = await release({ ...releaseOptions(), graceMs, hurry });
  upkeep.uncover();
  await inside?.dismiss();
  if (isStillThere(result, dir)) lingerUntilRemoved(known);
  else known.onGone();
  tellSessionEnd(profile.name);
  const lines = [...known.atEnd, ...(result.state === 'kept' ? [] : warned)];
  const warnings = lines.length > 0 ? { warnings: lines } : {};
  const pressed = lastPressure ? { lastPressure } : {};
  return receipts.ended({ id, tmpdir, ...pressed, largest: most, ...result, ...warnings }, exit);
}

/**
 * Says in the lease that the end has begun, for whoever takes over should this process die now. Who descends
 * from the agent is looked at before anybody dies: later there are no parents.
 */
export function beginEnd({ lease, memory, releaseOptions, agent }: Known): void {
  if (lease.now().ending) return;
  memory.begin();
  lease.setEnding();
  quietly(() => agent && isAlive(agent) && membersNow(releaseOptions()));
}

function decide({ lease, inside }: Known, keep: boolean): void {
  if (keep === (lease.now().keep === true)) return;
  inside?.stay(keep);
  lease.update({ keep: keep || undefined });
}

const warningsFor = ({ seen, tmpdir, settings }: Known, contents: string): string[] =>
  seen.tmpdir === tmpdir ? podmanWarnings({ tmpdir, contents, home: settings.env['HOME'] }) : [];

/** Looks every 2 s at first, every 30 s later. Does not keep the process alive. */
function lingerUntilRemoved({ releaseOptions, dir, receipts, onGone }: Known): void {
  const { lastSeenAt } = releaseOptions(); // the end: processes that start later cannot have been part of it
  let looks = 0;
  const again = () => {
    looks += 1;
    setTimeout(lookAgain, looks < SOON_LOOKS ? SOON_MS : LATER_MS).unref();
  };
  const lookAgain = async () => {
    const last = await release({ ...releaseOptions(), lastSeenAt });
    if (isStillThere(last, dir)) return again();
    receipts.gone(last);
    onGone();
  };
  again();
}

/** Held by somebody, or refused because something is mounted inside. */
const isStillThere = ({ state }: Release, dir: string): boolean =>
  state === 'held' || (state === 'failed' && fs.existsSync(dir));

const SOON_LOOKS = 15;
const SOON_MS = 2_000;
const LATER_MS = 30_000;
