import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CaseAnswer } from '../../preload/review.ts';
import { openLog } from '../../main/log/log.ts';

/** What a process had said was done before it was killed. */
export interface Promised {
  /** Images of each run. */
  images: Map<string, number>;
  studies: Set<string>;
  /** Answers of each reading by position. */
  answers: Map<string, Map<number, CaseAnswer>>;
}

export function nothingPromised(): Promised {
  return { images: new Map(), studies: new Set(), answers: new Map() };
}

/** What is wrong in the data folder after a kill, in sentences; empty when everything that was promised is there and whole. */
export function faultsOf(home: string, promised: Promised): string[] {
  const faults: string[] = [];
  const log = openLog(path.join(home, 'verisim.sqlite'));
  try {
    for (const line of log.damage()) faults.push(`SQLite: ${line}`);
    for (const [id, count] of promised.images) {
      if (!log.runs.exists(id)) faults.push(`Run ${id} was queued and is gone.`);
      else if (log.runs.outputs(id).length < count) faults.push(`Run ${id} had ${count} images, now fewer.`);
    }
    const everything = { text: '', kind: null, state: null, limit: Number.MAX_SAFE_INTEGER, offset: 0 };
    for (const id of log.runs.ids(everything)) {
      for (const { path: file, sha256 } of log.runs.outputs(id)) {
        const found = existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'no file';
        if (found !== sha256) faults.push(`${file} is listed and is not what was written (${found}).`);
      }
    }
    const studies = new Map(log.reviews.list().map((review) => [review.id, review]));
    for (const id of promised.studies) if (!studies.has(id)) faults.push(`The study ${id} was made and is gone.`);
    for (const { id, design } of studies.values()) {
      const { images } = JSON.parse(design) as { images: unknown[] };
      const folder = path.join(home, 'reviews', id);
      const files = readdirSync(folder).filter((name) => name.endsWith('.png')).length;
      if (files !== images.length) faults.push(`The study ${id} is listed with ${files} of ${images.length} images.`);
    }
    for (const [readingId, answers] of promised.answers) {
      const kept = new Map(log.reviews.answers(readingId).map((answer) => [answer.position, answer]));
      for (const [position, { choice, confidence, comment }] of answers) {
        const found = kept.get(position);
        if (found?.choice !== choice || found.confidence !== confidence || found.comment !== comment)
          faults.push(`Answer ${position} of the reading ${readingId} was taken and is gone or another one.`);
      }
    }
  } finally {
    log.close();
  }
  return faults;
}
