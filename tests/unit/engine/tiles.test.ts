import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBlend, cutTile, planTiles } from '../../../main/diffusion/tiles.ts';
import { createCodec } from '../../../main/engine/generate-codec.ts';
import { readPacks } from '../../../main/engine/packs.ts';
import { createSession } from '../../../main/engine/session.ts';
import { writeOnnx } from './onnx-writer.ts';
import { temporaryFolder, writeSmallPack } from './small-pack.ts';

const side = 24;
const whole = { channels: 1, height: side, width: side };
const values = Float64Array.from({ length: side * side }, (_, i) => Math.sin(i / 7));

describe('decoding by tiles', () => {
  it.each([8, 11, 24])('tiles of %i cover every position and reach the far edges', (size) => {
    const tile = { channels: 1, height: size, width: size };
    const seen = new Uint8Array(side * side);
    for (const { x, y } of planTiles(whole, tile)) {
      for (let row = y; row < y + size; row++) seen.fill(1, row * side + x, row * side + x + size);
    }
    expect(seen.every(Boolean)).toBe(true);
  });

  it('tiles that were cut out come together as the whole again', () => {
    const tile = { channels: 1, height: 8, width: 10 };
    const blend = createBlend(whole, tile);
    for (const corner of planTiles(whole, tile)) blend.add(cutTile(values, whole, { tile, corner }), corner);
    blend.result().forEach((value, i) => expect(value).toBeCloseTo(values[i] ?? NaN, 12));
  });

  it('neighbours that differ fade into each other: no step is half as large as their difference', () => {
    const tile = { channels: 1, height: 16, width: 16 };
    const blend = createBlend(whole, tile);
    for (const corner of planTiles(whole, tile)) blend.add(new Float64Array(256).fill(corner.x > 0 ? 1 : 0), corner);
    const row = blend.result().subarray(0, side);
    const steps = Array.from(row.subarray(1), (value, i) => Math.abs(value - (row[i] ?? 0)));
    expect(row[0]).toBe(0);
    expect(row[side - 1]).toBe(1);
    expect(Math.max(...steps)).toBeLessThan(0.5);
  });

  it('a pack whose decoder takes a third of each side gives the image of one that takes all', async () => {
    const packs = temporaryFolder();
    for (const [id, tile] of [['full', side] as const, ['tiled', 8] as const]) writePointwisePack(packs, id, tile);
    const { packs: listed, refused } = await readPacks([packs]);
    expect(refused).toEqual([]);
    const images = await Promise.all(
      listed.map(async (pack) => {
        const session = await createSession(pack, 'cpu');
        const decoded = await createCodec(pack.manifest, session).decode([
          { slot: 1, values },
          { slot: 3, values: values.map((value) => -value) },
        ]);
        await session.release();
        return decoded;
      }),
    );
    expect(images).toHaveLength(2);
    const [full, tiled] = images;
    full?.forEach((image, place) => image.forEach((value, i) => expect(tiled?.[place]?.[i]).toBeCloseTo(value, 3)));
    expect(new Set(full?.[0]).size).toBeGreaterThan(100);
  });

  it('a decoder that takes more than the latent, or less than eight positions, is refused', async () => {
    const packs = temporaryFolder();
    for (const tile of [4, 32]) writePointwisePack(packs, `tile-${tile}`, tile);
    const { refused } = await readPacks([packs]);
    expect(refused.map(({ error }) => error.message)).toEqual([
      expect.stringContaining('files.decoder.inputs.latent'),
      expect.stringContaining('files.decoder.inputs.latent'),
    ]);
  });
});

/** A latent family whose decoder repeats each position 2 × 2 and takes its tanh: what a tile gives does not depend on its neighbours. */
function writePointwisePack(packs: string, id: string, tile: number): void {
  const [latent, image] = [
    [4, 1, side, side],
    [4, 1, 2 * side, 2 * side],
  ] as const;
  const denoiser = writeOnnx({
    nodes: [
      { operator: 'Identity', inputs: ['sample'], outputs: ['prediction'] },
      { operator: 'Identity', inputs: ['timestep'], outputs: ['unused'] },
    ],
    inputs: [
      { name: 'sample', shape: [...latent] },
      { name: 'timestep', shape: [4] },
    ],
    outputs: [{ name: 'prediction', shape: [...latent] }],
  });
  const encoder = resizing('sample', 'latent', { from: 2 * side, to: side });
  const decoder = resizing('latent', 'image', { from: tile, to: 2 * tile });
  const folder = writeSmallPack(packs, denoiser, (manifest) => {
    const { files } = manifest;
    Object.assign(manifest, {
      id,
      family: 'ldm',
      image: { width: 2 * side, height: 2 * side, channels: 1 },
      autoencoder: { factor: 2, channels: 1, scale: 1 },
      wavelet: null,
      latent: { width: side, height: side, channels: 1 },
      files: {
        denoiser: { ...files.denoiser, inputs: { sample: latent, timestep: [4] }, outputs: { prediction: latent } },
        encoder: fileOf('encoder.onnx', encoder, { inputs: { sample: image }, outputs: { latent } }),
        decoder: fileOf('decoder.onnx', decoder, {
          inputs: { latent: [4, 1, tile, tile] },
          outputs: { image: [4, 1, 2 * tile, 2 * tile] },
        }),
      },
    });
  });
  writeFileSync(path.join(folder, 'encoder.onnx'), encoder);
  writeFileSync(path.join(folder, 'decoder.onnx'), decoder);
}

function fileOf(name: string, bytes: Uint8Array, shapes: object): object {
  return {
    path: name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    batch: 4,
    ...shapes,
  };
}

/** Repeats or sums neighbours by two products with matrices of ones, then tanh. */
function resizing(input: string, output: string, { from, to }: { from: number; to: number }): Uint8Array {
  const matrix = Array.from({ length: to }, (_, row) =>
    Array.from({ length: from }, (_column, column) => Number(Math.floor((row * from) / to) === column)),
  );
  return writeOnnx({
    nodes: [
      { operator: 'MatMul', inputs: ['down', input], outputs: ['taller'] },
      { operator: 'MatMul', inputs: ['taller', 'across'], outputs: ['larger'] },
      { operator: 'Tanh', inputs: ['larger'], outputs: [output] },
    ],
    inputs: [{ name: input, shape: [4, 1, from, from] }],
    outputs: [{ name: output, shape: [4, 1, to, to] }],
    weights: [
      { name: 'down', value: { matrix } },
      { name: 'across', value: { matrix: matrix[0]?.map((_, column) => matrix.map((row) => row[column] ?? 0)) ?? [] } },
    ],
  });
}
