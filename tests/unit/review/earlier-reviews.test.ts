import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrate } from '../../../main/log/database.ts';
import { migrations } from '../../../main/log/migrations.ts';
import { smallPlace } from '../cli/verisim.ts';
import { context, openBench } from '../handlers/workspace.ts';

const withReadings = migrations.findIndex((step) => step.includes('CREATE TABLE review_readings'));

it('reviews of before, finished and half read, keep their answers, their truth and their result', async () => {
  const place = smallPlace();
  mkdirSync(place.home, { recursive: true });
  const old = new Sqlite(path.join(place.home, 'verisim.sqlite'));
  migrate(old, 'old', withReadings);
  const insert = (id: string, answered: number) => {
    const state = answered === 4 ? 'done' : 'running';
    old
      .prepare(
        `INSERT INTO runs (id, kind, state, title, created_at, started_at, finished_at, progress, parameters, versions)
         VALUES (?, 'review', ?, ?, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', ?, '{"done":0,"total":4,"secondsLeft":null,"phase":"Reading"}', '{}', '{}')`,
      )
      .run(id, state, id, answered === 4 ? '2026-01-02T00:00:00.000Z' : null);
    const cases = ['real', 'synthetic', 'real', 'synthetic'].map((truth, position) => ({
      position,
      truth,
      imageId: `i${position}`,
    }));
    old
      .prepare('INSERT INTO reviews VALUES (?, ?, ?)')
      .run(id, JSON.stringify({ schema: 1, title: id, seed: 1, casesPerClass: 2, cases }), 'ab');
    for (const { position, truth } of cases)
      old.prepare('INSERT INTO review_cases VALUES (?, ?, ?, ?)').run(id, position, truth, `slice ${position}`);
    for (let position = 0; position < answered; position++)
      old
        .prepare('INSERT INTO review_answers VALUES (?, ?, ?, 3, 1500, ?)')
        .run(id, position, 'synthetic', '2026-01-01T00:00:00.000Z');
  };
  insert('finished', 4);
  insert('half', 2);
  old.close();

  const { handlers, workspace } = await openBench(place);
  const { reviews } = await handlers['reviews.list']({}, context);
  expect(reviews.map(({ id, state, total }) => [id, state, total]).sort()).toEqual([
    ['finished', 'closed', 4],
    ['half', 'open', 4],
  ]);
  const result = await handlers['reviews.result']({ reviewId: 'finished' }, context);
  expect(result.readers[0]).toMatchObject({
    accuracy: { value: 0.5, n: 4 },
    sensitivity: { value: 1 },
    specificity: { value: 0 },
  });
  expect(result.items[1]).toMatchObject({
    images: [{ truth: 'synthetic', title: 'slice 1' }],
    answers: [{ choice: 1, confidence: 3, elapsedMs: 1500 }],
  });

  for (const position of [2, 3])
    await handlers['reviews.answer'](
      { readingId: 'half', position, choice: 0, confidence: 1, elapsedMs: 900, mark: null, comment: '' },
      context,
    );
  expect((await handlers['reviews.result']({ reviewId: 'half' }, context)).readers[0]?.accuracy).toMatchObject({
    n: 4,
    value: 0.5,
  });
  await workspace.close();
});
