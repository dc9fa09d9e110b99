import type { Place } from '../../tests/unit/cli/verisim.ts';
import type { OlderLog } from './older-log.ts';
import type { Promised } from './promised.ts';

/** Of what is caught in the middle. */
export interface Size {
  /** Images of a run, 10 or more. */
  images: number;
  /** At most, of one image. */
  steps: number;
  /** Runs of the logs that are migrated. */
  migratedRuns: number;
}

/** What all rounds share. */
export interface Rig {
  place: Place;
  promised: Promised;
  random: () => number;
  size: Size;
  /** By version, with the time that their migration takes. */
  olderLogs: Map<number, OlderLog>;
  /** The usual milliseconds of each act that is caught in the middle. */
  usualMs: Map<string, number>;
}

export const workNames = {
  imagesMade: 'images made by the killed process',
  imagesUnderWay: 'images still to make of the runs that were running',
  filesHalfWritten: 'files half written',
  answersTaken: 'answers taken by the killed process',
  answersUnderWay: 'answers on their way into the log',
  studiesUnderWay: 'studies being made or closed',
  migrationsUnderWay: 'migrations under way',
  copiesUnderWay: 'of these still copying the old log',
} as const;

/** What was under way at the kill. */
export type Work = Partial<Record<keyof typeof workNames, number>>;

export interface Outcome {
  /** What the kill broke, in sentences. */
  faults: string[];
  work: Work;
}

/** One kill -9 at a moment of the work that `random` chooses. */
export type Round = (rig: Rig) => Promise<Outcome>;

/** Runs an act to its end and remembers how long such acts take. */
export async function timed<Result>({ usualMs }: Rig, act: string, work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  const result = await work();
  const before = usualMs.get(act);
  const now = performance.now() - began;
  usualMs.set(act, before === undefined ? now : 0.8 * before + 0.2 * now);
  return result;
}

/** Begins an act and returns in the middle of it; null where it had ended by then. */
export async function interrupted<Result>(
  { usualMs, random }: Rig,
  act: string,
  work: () => Promise<Result>,
): Promise<Result | null> {
  let ended: Result | null = null;
  const running = work().then(
    (result) => (ended = result),
    () => undefined,
  );
  const until = performance.now() + random() * (usualMs.get(act) ?? 10);
  // A timer is too coarse for what takes a few milliseconds.
  while (performance.now() < until) await Promise.race([running, new Promise(setImmediate)]);
  return ended;
}
