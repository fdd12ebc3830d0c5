// Where an actor can be stopped.
import assert from 'node:assert/strict';
import { ACTORS, type Actor } from './actors.js';
import { onStage } from './stage.js';
import { again } from './stopped.js';

/** `turn`: how far the second is from the first. */
export const PAIRS = ACTORS.flatMap((first, at) =>
  ACTORS.map((second, to) => ({ first, second, turn: (to - at + ACTORS.length) % ACTORS.length })),
);

export interface Road {
  /** What it does alone, in words; those that count begin with number `from`, from 1. */
  steps: string[];
  from: number;
  /** Number of its first claim. */
  claim: number;
}

export async function roadOf(actor: Actor): Promise<Road> {
  const road = await again(
    () => walk(actor),
    ({ claim }) => claim > 0,
  );
  assert.ok(road.from > 0 && road.claim > 0, `${actor.name}: ${road.steps.join('\n')}`);
  return road;
}

const walk = (actor: Actor): Promise<Road> =>
  onStage(async (on) => {
    const go = await actor.begin(on, 'first', { at: 0 });
    const all = (await go().ended).steps;
    const steps = all.slice(all.findIndex((step) => step.includes(actor.since ?? '')));
    const from = actor.from(steps);
    const claim = steps.findIndex((step, index) => index + 1 >= from && CLAIM.test(step)) + 1;
    return { steps, from, claim };
  });

/** Of a session, or of a unit in a living one. */
const CLAIM = /^rename <root>\/<id>(\/tmp\/claude-(?!\S*trash)\S+)? /;

/** Numbers of steps, both included. */
export const between = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
