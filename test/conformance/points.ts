// Where an actor can be stopped.
import assert from 'node:assert/strict';
import { ACTORS, type Actor } from './actors.js';
import { onStage } from './stage.js';

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

export const roadOf = (actor: Actor): Promise<Road> =>
  onStage(async (on) => {
    const go = await actor.begin(on, 'first', { at: 0 });
    const all = (await go().ended).steps;
    const steps = all.slice(all.findIndex((step) => step.includes(actor.since ?? '')));
    const from = actor.from(steps);
    const claim = steps.findIndex((step, index) => index + 1 >= from && CLAIM.test(step)) + 1;
    assert.ok(from > 0 && claim > 0, `${actor.name}: ${steps.join('\n')}`);
    return { steps, from, claim };
  });

/** Of a session, or of a unit in a living one. */
const CLAIM = /^rename <root>\/<id>(\/tmp\/claude-(?!\S*trash)\S+)? /;

/** Numbers of steps, both included. */
export const between = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
