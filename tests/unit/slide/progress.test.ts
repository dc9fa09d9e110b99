import path from 'node:path';
import { expect, test } from 'vitest';
import type { RunProgress } from '../../../preload/domain.ts';
import { readPacks } from '../../../main/engine/packs.ts';
import { planRegion } from '../../../main/handlers/slide-plan.ts';
import { slideProgress } from '../../../main/handlers/slide-progress.ts';

test.each(['small-wdm', 'small-lwdm'])(
  'progress of %s counts finished blocks over both parts and never goes back',
  async (id) => {
    const { packs } = await readPacks([path.resolve('tests/fixtures/packs')]);
    const pack = packs.find(({ manifest }) => manifest.id === id);
    if (pack === undefined) throw new Error('The fixture is not there.');
    const planOf = (width: number, height: number) =>
      planRegion(pack, {
        ...{ modelId: id, width, height, seed: 4, classId: null, guidance: 1, sampler: 'ddim', steps: 2 },
        ...{ provider: 'cpu', micronsPerPixel: null, source: null, coarseScale: null, blockSide: 256 },
      });
    const parts = [
      { name: 'Coarse picture', plan: planOf(500, 300) },
      { name: 'Detail', plan: planOf(1000, 600) },
    ];
    const told: Partial<RunProgress>[] = [];
    const watch = slideProgress(parts, (news) => told.push(news));
    for (const [part, { plan }] of parts.entries()) {
      plan.tasks.forEach((task, place) => {
        const total = task.kind === 'denoise' ? 2 : 3;
        for (let done = 1; done <= total; done++) watch(part)(place, { done, total });
      });
    }
    const done = told.map((news) => news.done ?? NaN);
    expect(done).toEqual(done.toSorted((one, other) => one - other));
    expect([done[0], done.at(-1)]).toEqual([0, 4 + 12 - 1]);
    expect(new Set(told.map(({ total }) => total))).toEqual(new Set([16]));
    expect(told[0]?.secondsLeft).toBe(null);
    expect(told.at(-1)?.secondsLeft).toBeCloseTo(0, 6);
    expect(told[0]?.phase).toBe('Coarse picture: block 1 of 4, step 1 of 2');
    expect(told.at(-1)?.phase).toMatch(/^Detail: (decoding )?block 12 of 12/);
  },
);
