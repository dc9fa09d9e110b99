import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import type { CaseAnswer } from '../../preload/review.ts';
import { openLog } from '../../main/log/log.ts';
import { migrations } from '../../main/log/migrations.ts';
import type { Place } from '../../tests/unit/cli/verisim.ts';
import { type Engine, startEngine } from '../../tests/unit/handlers/engine-process.ts';
import { writeNiftiFile } from '../../tests/unit/handlers/nifti-file.ts';
import { repositoryRoot } from '../repository.ts';
import { faultsOf, type Promised } from './verify.ts';

/** One kill -9 at a moment that `random` chooses; the sentences say what it broke. */
export type Round = (place: Place, promised: Promised, random: () => number) => Promise<string[]>;

const request = {
  modelId: 'small',
  classId: null,
  guidance: 1,
  sampler: 'ddim',
  provider: 'cpu',
  source: null,
} as const;

async function killed({ child, exited }: Engine): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

/** While runs are queued and images made; what the killed process of the round before left is gone on with first. */
export const generationRound: Round = async (place, promised, random) => {
  const engine = await startEngine(place);
  const work = (async () => {
    for (let run = 0; run < 3; run++) {
      const steps = 2 + Math.floor(random() * 30);
      const { runId } = await engine.call('runs.generate', {
        ...request,
        count: 12,
        steps,
        seed: Math.floor(random() * 1e9),
      });
      promised.images.set(runId, promised.images.get(runId) ?? 0);
    }
  })().catch(() => undefined);
  await Promise.race([work, wait(random() * 900)]);
  await wait(random() * 900);
  await killed(engine);
  for (const { event, payload } of engine.events) {
    if (event === 'runs.changed' && 'outputCount' in payload && payload.kind === 'generation')
      promised.images.set(payload.id, Math.max(promised.images.get(payload.id) ?? 0, payload.outputCount));
  }
  return faultsOf(place.home, promised);
};

/** While a study is made and read. */
export const reviewRound: Round = async (place, promised, random) => {
  const engine = await startEngine(place);
  const work = readStudy(engine, place, promised, random).catch(() => undefined);
  await Promise.race([work, wait(random() * 1500)]);
  await killed(engine);
  return faultsOf(place.home, promised);
};

async function readStudy(engine: Engine, place: Place, promised: Promised, random: () => number): Promise<void> {
  const file = path.join(path.dirname(place.home), 'phantom.nii');
  writeNiftiFile(file, { seed: 1 });
  const { series } = await engine.call('studies.open', { paths: [file] });
  const made = await engine.call('runs.list', { text: 'outputs>=4', kind: 'generation', limit: 1 });
  const runId =
    made.rows[0]?.id ?? (await engine.call('runs.generate', { ...request, count: 4, steps: 2, seed: 1 })).runId;
  while ((await engine.call('runs.show', { runId })).outputCount < 4) await wait(20);
  const { id } = await engine.call('reviews.create', {
    title: `Study ${Math.floor(random() * 1e9)}`,
    question: 'real-or-synthetic',
    choices: 1,
    real: [{ kind: 'series', seriesId: series[0]!.id }],
    synthetic: [{ kind: 'run', runId }],
    casesPerClass: 4,
    seed: 7,
    trainingCases: 0,
    repeats: 0,
    sessions: 1,
    washOutDays: 0,
    timeLimitSeconds: null,
    tools: { zoom: true, window: false, mark: true, comment: true },
    showsResult: false,
    margin: 0.1,
  });
  promised.studies.add(id);
  const reader = { pseudonym: 'Ada', yearsOfExperience: 8, specialty: '' };
  const reading = await engine.call('reviews.begin', { reviewId: id, reader });
  const taken = new Map<number, CaseAnswer>();
  promised.answers.set(reading.id, taken);
  for (let position = 0; position < reading.total; position++) {
    const confidence = (1 + Math.floor(random() * 4)) as 1 | 2 | 3 | 4;
    const answer = {
      choice: random() < 0.5 ? 0 : 1,
      confidence,
      elapsedMs: 900,
      mark: null,
      comment: `at ${position}`,
    };
    await engine.call('reviews.answer', { readingId: reading.id, position, ...answer });
    taken.set(position, answer);
    await wait(random() * 60);
  }
}

/** While a log of an earlier version is migrated. */
export const migrationRound: Round = async ({ home }, _promised, random) => {
  const folder = path.join(path.dirname(home), `migration-${Math.floor(random() * 1e9)}`);
  mkdirSync(folder);
  const version = 1 + Math.floor(random() * (migrations.length - 1));
  const file = path.join(folder, 'verisim.sqlite');
  const rows = await olderLog(file, version);
  const script = `import { openLog } from '${repositoryRoot}/main/log/log.ts'; process.send?.('begins'); openLog(process.argv[1]).close();`;
  const args = ['--input-type=module-typescript', '-e', script, file];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([new Promise((resolve) => child.once('message', resolve)), ended]);
  await wait(random() * 400);
  child.kill('SIGKILL');
  await ended;
  const faults: string[] = [];
  const between = new Sqlite(file);
  const found = Number(between.pragma('user_version', { simple: true }));
  if (found !== version && found !== migrations.length)
    faults.push(`A migration from ${version} stopped at version ${found}.`);
  between.close();
  const log = openLog(file);
  for (const line of log.damage()) faults.push(`After a migration from ${version}: ${line}`);
  const kept = log.runs.list({ text: '', kind: null, state: null, limit: 1, offset: 0 }).total;
  if (kept !== rows) faults.push(`A migration from version ${version} kept ${kept} of ${rows} runs.`);
  log.close();
  return faults;
};

/** The fixture with so many rows that its migration can be caught in the middle. */
async function olderLog(file: string, version: number): Promise<number> {
  const fixture = path.join(repositoryRoot, 'tests', 'unit', 'log', 'fixtures', `version-${version}.sqlite.gz`);
  writeFileSync(`${file}.plain`, gunzipSync(readFileSync(fixture)));
  copyFileSync(`${file}.plain`, file);
  const database = new Sqlite(file);
  database.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1500)
    INSERT INTO runs (id, kind, state, title, created_at, progress, parameters, versions)
      SELECT 'more-' || n, kind, state, title, created_at, progress, parameters, versions FROM runs, numbers WHERE id = 'run-1'`);
  const rows = Number(database.prepare('SELECT count(*) FROM runs').pluck().get());
  database.close();
  return rows;
}
