import { cpSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { meanMap, spreadMap, subtractMap } from '../../../main/evaluation/pixel-maps.ts';
import type { RunDetail } from '../../../preload/domain.ts';
import type { Explanation } from '../../../preload/explain.ts';
import { smallPlace } from '../cli/verisim.ts';
import { type Bench, context, generate, openBench, openPhantom } from '../handlers/workspace.ts';

const quick = { members: 3, spreadStrength: 0.6, restoreStrength: 0.25, frames: 4 };

let bench: Bench;
beforeAll(async () => {
  const place = smallPlace();
  for (const id of ['small-ldm', 'small-ddpm'])
    cpSync(path.join('tests/fixtures/packs', id), path.join(place.root, 'models', id), { recursive: true });
  bench = await openBench(place);
});
afterAll(async () => bench.workspace.close());

function pixelsOf(id: string): Float32Array {
  const bytes = readFileSync(bench.workspace.folder.imagePixels(id));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function explain(runId: string, index: number): Promise<Explanation> {
  return bench.handlers['explain.run']({ runId, index, ...quick }, context);
}

describe('the explanation of a generated image', () => {
  let run: RunDetail;
  let explanation: Explanation;
  beforeAll(async () => {
    const request = { modelId: 'small-ldm', classId: 'a', guidance: 2, sampler: 'ddim', steps: 6 } as const;
    run = await generate(bench, { ...request, count: 3 });
    explanation = await explain(run.id, 1);
  });

  it('makes the image again before it says anything about it', () => {
    expect(explanation.reproduction).toBeLessThan(0.01);
  });

  it('follows x̂0 from noise to the last call', () => {
    const { calls, frames, changes, noiseShares } = explanation.trajectory!;
    expect(calls).toBe(6);
    expect(changes).toHaveLength(5);
    expect(frames.map(({ call }) => call)).toEqual([1, 3, 4, 6]);
    expect([...noiseShares].sort((a, b) => b - a)).toEqual(noiseShares);
    expect(pixelsOf(frames[0]!.image.id)).toHaveLength(16 * 16);
  });

  it('ends the trajectory near the finished image, and begins it far away', () => {
    const kept = pixelsOf(explanation.image.id).map((value) => (value / 255) * 100);
    const distances = explanation.trajectory!.frames.map(({ image }) => {
      const pixels = pixelsOf(image.id);
      return Math.sqrt(kept.reduce((sum, value, i) => sum + (value - pixels[i]!) ** 2, 0) / kept.length);
    });
    expect(distances.at(-1)).toBeLessThan(distances[0]!);
  });

  it('draws spread, restoration, guidance, the dropped and the exchanged class, each with grounding and limits', () => {
    expect(explanation.maps.map(({ name }) => name)).toEqual([
      'spread',
      'restoration',
      'guidance',
      'class-none',
      'class-1',
    ]);
    for (const { grounding, limits, statement, image, mean, highest } of explanation.maps) {
      expect(grounding).toMatch(/\d{4}/);
      expect(statement.length + limits.length).toBeGreaterThan(60);
      const sizes = pixelsOf(image.id).map(Math.abs);
      expect(sizes.reduce((sum, value) => sum + value, 0) / sizes.length).toBeCloseTo(mean, 4);
      expect(Math.max(...sizes)).toBeCloseTo(highest, 4);
      expect(mean, image.title).toBeGreaterThan(0);
    }
    expect(explanation.missing).toEqual([]);
  });

  it('is a run of the log below the generation, and is found again when the cache was emptied', async () => {
    const logged = await bench.handlers['runs.show']({ runId: explanation.runId }, context);
    expect(logged).toMatchObject({ kind: 'explanation', state: 'done', parentRunId: run.id });
    const map = explanation.maps[0]!.image;
    const before = pixelsOf(map.id);
    rmSync(bench.workspace.folder.imagePixels(map.id));
    const found = await bench.handlers['explain.find']({ runId: run.id, index: 1 }, context);
    expect(found.explanation).toEqual(explanation);
    expect(pixelsOf(map.id)).toEqual(before);
    expect(await bench.handlers['explain.find']({ runId: run.id, index: 0 }, context)).toEqual({ explanation: null });
  });

  it('gives the same maps when it is made again', async () => {
    const again = await explain(run.id, 1);
    for (const [i, { image }] of explanation.maps.entries())
      expect(pixelsOf(again.maps[i]!.image.id)).toEqual(pixelsOf(image.id));
  });
});

describe('the explanation', () => {
  it('leaves out guidance and class with the reason where there are none, and takes the brightness of colour', async () => {
    const plain = await generate(bench, { modelId: 'small', count: 1 });
    const ofPlain = await explain(plain.id, 0);
    expect(ofPlain.maps.map(({ name }) => name)).toEqual(['spread', 'restoration']);
    expect(ofPlain.missing.map(({ reason }) => reason)).toEqual([
      'The image was made without a class.',
      'The model knows no classes.',
    ]);
    const colour = await generate(bench, { modelId: 'small-ddpm', classId: 'b', count: 1 });
    const ofColour = await explain(colour.id, 0);
    expect(ofColour.maps).toHaveLength(5);
    expect(ofColour.reproduction).toBeLessThan(0.5);
  });

  it('of an image made from a slice covers the slice patch by patch: where the source shows through, the image changes', async () => {
    const { seriesId } = await openPhantom(bench);
    const source = { seriesId, sliceIndices: [5], strength: 0.5 };
    const run = await generate(bench, { modelId: 'small-ldm', classId: 'a', count: 1, steps: 6, source });
    const { maps, reproduction } = await explain(run.id, 0);
    expect(reproduction).toBeLessThan(0.01);
    const map = maps.find(({ name }) => name === 'source')!;
    expect(map).toMatchObject({ title: 'What the source decides', scale: 'sequential' });
    expect(map.highest).toBeGreaterThan(0);
    expect(new Set(pixelsOf(map.image.id)).size).toBeGreaterThan(5);
    expect(maps.map(({ title }) => title)).toContain('The class taken away');
  });

  it('refuses an image that there is not', async () => {
    const run = await generate(bench, { count: 1 });
    await expect(explain(run.id, 7)).rejects.toMatchObject({ tag: 'UnknownImage' });
  });

  it('ends when it is cancelled, and says so in the log', async () => {
    const run = await generate(bench, { modelId: 'small-ldm', count: 1, steps: 60 });
    const stop = new AbortController();
    const input = { runId: run.id, index: 0, ...quick, members: 64 };
    const working = bench.handlers['explain.run'](input, { signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(working).rejects.toMatchObject({ tag: 'Cancelled' });
    const { rows } = await bench.handlers['runs.list'](
      { text: '', kind: 'explanation', state: null, limit: 1, offset: 0 },
      context,
    );
    expect(rows[0]?.state).toBe('cancelled');
  });
});

describe('maps of several images', () => {
  it('spread is the sample standard deviation at each pixel (numpy.std, ddof = 1)', () => {
    const images = [Float32Array.of(1, 10), Float32Array.of(2, 10), Float32Array.of(4, 10)];
    expect([...spreadMap(images)]).toEqual([expect.closeTo(1.5275252, 6), 0]);
    expect([...subtractMap(images[2]!, meanMap(images))]).toEqual([expect.closeTo(5 / 3, 6), 0]);
  });
});
