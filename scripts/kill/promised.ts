import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CaseAnswer } from '../../preload/review.ts';
import type { IndexedSeries } from '../../main/imaging/indexed-series.ts';
import { type Log, openLog } from '../../main/log/log.ts';
import type { Engine } from '../../tests/unit/handlers/engine-process.ts';
import { sha256Of } from '../../tests/unit/cli/verisim.ts';

/** What a process had said was done before it was killed. */
export interface Promised {
  /** Images of each run. */
  images: Map<string, number>;
  /** How many images are to lie in a folder when the command line's run has been finished by whoever comes next. */
  deliveries: Map<string, number>;
  /** Files with their names, which nobody may find half written: their hashes when they were first seen. */
  files: Map<string, string>;
  studies: Set<string>;
  closed: Set<string>;
  /** Answers of each reading by position. */
  answers: Map<string, Map<number, CaseAnswer>>;
  /** An answer of which nobody heard whether it was taken: it is there as a whole, or not at all. */
  underWay: { readingId: string; position: number; answer: CaseAnswer } | null;
}

export function nothingPromised(): Promised {
  return {
    images: new Map(),
    deliveries: new Map(),
    files: new Map(),
    studies: new Set(),
    closed: new Set(),
    answers: new Map(),
    underWay: null,
  };
}

/** What an engine told of its runs before it was killed. */
export function takeImages({ images }: Promised, events: Engine['events']): void {
  for (const { event, payload } of events) {
    if (event === 'runs.changed' && 'outputCount' in payload && payload.kind === 'generation')
      images.set(payload.id, Math.max(images.get(payload.id) ?? 0, payload.outputCount));
  }
}

/** What is wrong in the data folder after a kill, in sentences; empty when everything that was promised is there and whole. */
export function faultsOf(home: string, promised: Promised): string[] {
  const log = openLog<IndexedSeries>(path.join(home, 'verisim.sqlite'));
  try {
    return [
      ...log.damage().map((line) => `SQLite: ${line}`),
      ...faultsOfRuns(log, promised),
      ...faultsOfFiles(home, promised),
      ...faultsOfStudies(log, home, promised),
      ...faultsOfAnswers(log, promised),
    ];
  } finally {
    log.close();
  }
}

type AnyLog = Pick<Log<IndexedSeries>, 'runs' | 'reviews'>;

function faultsOfRuns(log: AnyLog, { images }: Promised): string[] {
  const faults: string[] = [];
  for (const [id, count] of images) {
    if (!log.runs.exists(id)) faults.push(`Run ${id} was queued and is gone.`);
    else if (log.runs.outputs(id).length < count) faults.push(`Run ${id} had ${count} images, now fewer.`);
  }
  const everything = { text: '', kind: null, state: null, limit: Number.MAX_SAFE_INTEGER, offset: 0 };
  for (const id of log.runs.ids(everything)) {
    for (const { path: file, sha256 } of log.runs.outputs(id)) {
      const found = existsSync(file) ? sha256Of(file) : 'no file';
      if (found !== sha256) faults.push(`${file} is listed and is not what was written (${found}).`);
    }
  }
  return faults;
}

/** A file that had its name once keeps its bytes, also where no row knew it yet: the next process makes the same. */
function faultsOfFiles(home: string, { files, deliveries }: Promised): string[] {
  const faults: string[] = [];
  for (const [file, sha256] of files) {
    const found = existsSync(file) ? sha256Of(file) : 'no file';
    if (found !== sha256) faults.push(`${file} had other bytes after an earlier kill (${found}).`);
  }
  for (const folder of [path.join(home, 'runs'), ...deliveries.keys()]) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(folder, name);
      if (/\.(png|dcm|nii|json)$/.test(name) && !files.has(file)) files.set(file, sha256Of(file));
    }
  }
  return faults;
}

function faultsOfStudies(log: AnyLog, home: string, { studies, closed }: Promised): string[] {
  const faults: string[] = [];
  const listed = new Map(log.reviews.list().map((review) => [review.id, review]));
  for (const id of studies) if (!listed.has(id)) faults.push(`The study ${id} was made and is gone.`);
  for (const { id, design, closedAt } of listed.values()) {
    const { images } = JSON.parse(design) as { images: { sha256: string }[] };
    for (const [number, { sha256 }] of images.entries()) {
      const file = path.join(home, 'reviews', id, `${number}.png`);
      if (!existsSync(file) || sha256Of(file) !== sha256)
        faults.push(`Image ${number} of the study ${id} is not the one of its design.`);
    }
    const secret = path.join(home, 'review-secrets', id);
    if (!existsSync(secret) || readFileSync(secret, 'utf8').trim().length !== 44)
      faults.push(`The study ${id} is listed without the secret of its key.`);
    const { state, result } = log.runs.detail(id);
    if ((closedAt !== null) !== (state === 'done' && result !== null))
      faults.push(`The study ${id} was closed by halves.`);
    if (closed.has(id) && closedAt === null) faults.push(`The study ${id} was closed and is open again.`);
  }
  return faults;
}

function faultsOfAnswers(log: AnyLog, promised: Promised): string[] {
  const faults: string[] = [];
  const { answers, underWay } = promised;
  if (underWay !== null) {
    const { readingId, position, answer } = underWay;
    const there = log.reviews.answers(readingId).some((one) => one.position === position);
    if (there) answers.get(readingId)?.set(position, answer);
    promised.underWay = null;
  }
  for (const [readingId, taken] of answers) {
    const kept = log.reviews.answers(readingId);
    if (kept.length !== taken.size)
      faults.push(`The reading ${readingId} holds ${kept.length} of ${taken.size} answers.`);
    for (const found of kept) {
      const { position, ...answer } = found;
      if (!sameAnswer(answer, taken.get(position)))
        faults.push(`Answer ${position} of the reading ${readingId} is not the one that was taken.`);
    }
  }
  return faults;
}

function sameAnswer(found: CaseAnswer, taken: CaseAnswer | undefined): boolean {
  if (taken === undefined) return false;
  const facts = ({ choice, confidence, elapsedMs, mark, comment }: CaseAnswer) =>
    JSON.stringify([choice, confidence, elapsedMs, mark?.image, mark?.x, mark?.y, mark?.radius, comment]);
  return facts(found) === facts(taken);
}
