import path from 'node:path';
import type { CaseAnswer, ReadingSummary } from '../../preload/review.ts';
import { type Engine, startEngine, until } from '../../tests/unit/handlers/engine-process.ts';
import { writeNiftiFile } from '../../tests/unit/handlers/nifti-file.ts';
import { smallRequest, studyPlan } from '../../tests/unit/handlers/requests.ts';
import { faultsOf, takeImages } from './promised.ts';
import { interrupted, type Rig, type Round, timed, type Work } from './round.ts';

const readers = ['Ada', 'Ben', 'Cleo'];
const casesPerClass = 10;
const repeats = 4;

/** While a study of three readers is made, read or closed: it goes on where the round before was killed. */
export const reviewRound: Round = async (rig) => {
  const { place, promised } = rig;
  const engine = await startEngine(place);
  const faults: string[] = [];
  const work = await workOnStudy(engine, rig, faults);
  await engine.kill();
  takeImages(promised, engine.events);
  return { faults: [...faults, ...faultsOf(place.home, promised)], work };
};

async function workOnStudy(engine: Engine, rig: Rig, faults: string[]): Promise<Work> {
  const { reviews } = await engine.call('reviews.list', {});
  const open = reviews.find(({ state }) => state === 'open');
  if (open !== undefined) return readStudy(engine, rig, { id: open.id, faults });
  const plan = await nextPlan(engine, rig);
  const create = () => engine.call('reviews.create', plan);
  // The first one tells how long it takes.
  if (rig.usualMs.has('create') && rig.random() < 0.5) {
    const made = await interrupted(rig, 'create', create);
    if (made !== null) rig.promised.studies.add(made.id);
    return { studiesUnderWay: made === null ? 1 : 0 };
  }
  const { id } = await timed(rig, 'create', create);
  rig.promised.studies.add(id);
  return readStudy(engine, rig, { id, faults });
}

/** Answers some cases, and is killed while the next answer is taken; after the last reader, while the study is closed. */
async function readStudy(engine: Engine, rig: Rig, { id, faults }: { id: string; faults: string[] }): Promise<Work> {
  const { promised, random } = rig;
  const reading = await nextReading(engine, id);
  if (reading === null) {
    const close = () => engine.call('reviews.close', { reviewId: id });
    // Half of the time to its end, so that the next study can begin; the first one tells how long it takes.
    const whole = !rig.usualMs.has('close') || random() < 0.5;
    const closed = await (whole ? timed(rig, 'close', close) : interrupted(rig, 'close', close));
    if (closed !== null) promised.closed.add(id);
    return { studiesUnderWay: closed === null ? 1 : 0 };
  }
  const taken = promised.answers.get(reading.id) ?? new Map<number, CaseAnswer>();
  promised.answers.set(reading.id, taken);
  if (reading.answered !== taken.size)
    faults.push(`A reading goes on at case ${reading.answered + 1} after ${taken.size} answers.`);
  const stopAt = reading.answered + Math.floor(random() * (reading.total - reading.answered));
  const send = (position: number, answer: CaseAnswer) =>
    engine.call('reviews.answer', { readingId: reading.id, position, ...answer });
  for (let position = reading.answered; position < stopAt; position++) {
    const answer = answerOf(random, position);
    await timed(rig, 'answer', () => send(position, answer));
    taken.set(position, answer);
  }
  const last = answerOf(random, stopAt);
  promised.underWay = { readingId: reading.id, position: stopAt, answer: last };
  const receipt = await interrupted(rig, 'answer', () => send(stopAt, last));
  if (receipt !== null) taken.set(stopAt, last);
  return { answersTaken: stopAt - reading.answered, answersUnderWay: receipt === null ? 1 : 0 };
}

/** Of the first reader who has not read everything; null when all have. */
async function nextReading(engine: Engine, reviewId: string): Promise<ReadingSummary | null> {
  const { reviews } = await engine.call('reviews.list', {});
  const readings = reviews.find(({ id }) => id === reviewId)?.readings ?? [];
  const done = readings.filter(({ finishedAt }) => finishedAt !== null).map(({ reader }) => reader.pseudonym);
  const pseudonym = readers.find((name) => !done.includes(name));
  if (pseudonym === undefined) return null;
  const reader = { pseudonym, yearsOfExperience: 8, specialty: '' };
  return engine.call('reviews.begin', { reviewId, reader });
}

async function nextPlan(engine: Engine, { place, random }: Rig) {
  const file = path.join(path.dirname(place.home), 'phantom.nii');
  writeNiftiFile(file, { seed: 1 });
  const { series } = await engine.call('studies.open', { paths: [file] });
  const enough = { text: `outputs>=${casesPerClass}`, kind: 'generation', limit: 1 } as const;
  const { rows } = await engine.call('runs.list', enough);
  const runId = rows[0]?.id ?? (await engine.call('runs.generate', smallRequest({ count: casesPerClass }))).runId;
  await until(
    () => engine.call('runs.show', { runId }),
    ({ outputCount }) => outputCount >= casesPerClass,
  );
  const sets = { real: { kind: 'series', seriesId: series[0]!.id }, synthetic: { kind: 'run', runId } } as const;
  return studyPlan(sets, { title: `Study ${Math.floor(random() * 1e9)}`, casesPerClass, repeats });
}

function answerOf(random: () => number, position: number): CaseAnswer {
  return {
    choice: random() < 0.5 ? 0 : 1,
    confidence: (1 + Math.floor(random() * 4)) as 1 | 2 | 3 | 4,
    elapsedMs: 900,
    mark: { image: 0, x: random(), y: random(), radius: 0.05 },
    comment: `at ${position}`,
  };
}
