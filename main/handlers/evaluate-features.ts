import { appendFile, mkdir, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { ExtractorPack } from '../engine/extractor-packs.ts';
import { openExtractor } from '../engine/extractor-session.ts';
import type { Features } from '../evaluation/features.ts';
import {
  radiomicsPerImage,
  radiomicsVector,
  radiomicsVersion,
  radiomicsWidth,
} from '../evaluation/radiomics/vector.ts';
import type { PixelsOnGrid } from './set-image.ts';

/** Features of images, remembered in one file for each extractor: records of the pixels' SHA-256 and its numbers. */
export interface FeatureSource {
  of(images: readonly PixelsOnGrid[], onBatch: (done: number, total: number) => void): Promise<Features>;
  release(): Promise<void>;
}

const largestCacheBytes = 256 * 2 ** 20;
const hashBytes = 32;

/** `cacheFolder` may be emptied at any time; null remembers nothing. Throws PackInvalid, HashMismatch. */
export async function openFeatureSource(pack: ExtractorPack, cacheFolder: string | null): Promise<FeatureSource> {
  const session = await openExtractor(pack);
  const { width, files, image } = pack.manifest;
  return cachedSource(
    { ...session, width, inColour: image.channels === 3, name: files.extractor.sha256.slice(0, 32) },
    cacheFolder,
  );
}

/** Radiomic features of whole images of one size, with or without those of filtered versions (see `radiomicsVector`): no network is needed. */
export function openRadiomicsSource(
  grid: { width: number; height: number; filtered: boolean },
  cacheFolder: string | null,
): Promise<FeatureSource> {
  const network: FeatureNetwork = {
    batch: 4,
    width: grid.filtered ? radiomicsWidth : radiomicsPerImage,
    inColour: false,
    name: `radiomics-${radiomicsVersion}-${grid.filtered ? '' : 'original-'}${grid.width}x${grid.height}`,
    run: (images) => Promise.resolve(Float32Array.from(images.flatMap((pixels) => [...radiomicsVector(pixels, grid)]))),
    release: () => Promise.resolve(),
  };
  return cachedSource(network, cacheFolder);
}

interface FeatureNetwork {
  batch: number;
  /** Features of an image. */
  width: number;
  /** Takes colour where an image has it. */
  inColour: boolean;
  /** Of the file that remembers them: other features, another name. */
  name: string;
  run(images: readonly Float32Array[]): Promise<Float32Array>;
  release(): Promise<void>;
}

async function cachedSource(session: FeatureNetwork, cacheFolder: string | null): Promise<FeatureSource> {
  const { width, name, inColour } = session;
  const recordBytes = hashBytes + 4 * width;
  const file = cacheFolder === null ? null : path.join(cacheFolder, `${name}.features`);
  if (cacheFolder !== null) await mkdir(cacheFolder, { recursive: true });
  const known = file === null ? new Map<string, Float32Array>() : await readCache(file, recordBytes);

  return {
    async of(images, onBatch) {
      const missing = [...new Map(images.map((image) => [image.sha256, image])).values()].filter(
        ({ sha256 }) => !known.has(sha256),
      );
      for (let start = 0; start < missing.length; start += session.batch) {
        const batch = missing.slice(start, start + session.batch);
        const found = await session.run(batch.map((image) => planesOf(image, inColour)));
        batch.forEach(({ sha256 }, slot) => known.set(sha256, found.slice(slot * width, (slot + 1) * width)));
        if (file !== null) await appendFile(file, records(batch, found, width));
        onBatch(Math.min(start + session.batch, missing.length), missing.length);
      }
      const values = new Float64Array(images.length * width);
      images.forEach(({ sha256 }, row) => values.set(known.get(sha256) ?? [], row * width));
      return { values, count: images.length, dimension: width };
    },
    release: () => session.release(),
  };
}

/** In 0…1: one plane, or those of red, green and blue one after the other. */
function planesOf({ pixels, colour }: PixelsOnGrid, inColour: boolean): Float32Array {
  return inColour && colour !== null ? Float32Array.from(colour, (value) => value / 255) : pixels;
}

/** A record that a dying process left half written is cut off; a cache that grew too large starts anew. */
async function readCache(file: string, recordBytes: number): Promise<Map<string, Float32Array>> {
  const size = await stat(file).then(
    (entry) => entry.size,
    () => 0,
  );
  if (size === 0) return new Map();
  const whole = size > largestCacheBytes ? 0 : size - (size % recordBytes);
  if (whole !== size) await truncate(file, whole);
  const bytes = whole === 0 ? Buffer.alloc(0) : await readFile(file);
  const known = new Map<string, Float32Array>();
  for (let at = 0; at + recordBytes <= whole; at += recordBytes) {
    const numbers = Float32Array.from({ length: (recordBytes - hashBytes) / 4 }, (_, k) =>
      bytes.readFloatLE(at + hashBytes + 4 * k),
    );
    known.set(bytes.toString('hex', at, at + hashBytes), numbers);
  }
  return known;
}

function records(batch: readonly { sha256: string }[], features: Float32Array, width: number): Buffer {
  return Buffer.concat(
    batch.flatMap(({ sha256 }, slot) => {
      const numbers = Buffer.alloc(4 * width);
      for (let k = 0; k < width; k++) numbers.writeFloatLE(features[slot * width + k]!, 4 * k);
      return [Buffer.from(sha256, 'hex'), numbers];
    }),
  );
}
