import type { BenchmarkRow } from '../../preload/benchmark.ts';
import type { ModelPack } from '../engine/packs.ts';

type Measured = Omit<BenchmarkRow, 'ratioToDdpm'>;

/** Each row with its images per second over those of the DDPM pack that makes the same images, measured with the same count. */
export function withRatios(rows: Measured[], packs: Pick<ModelPack, 'manifest'>[]): BenchmarkRow[] {
  const imagesOf = (model: string): string => {
    const manifest = packs.find((pack) => pack.manifest.id === model)?.manifest;
    return JSON.stringify([manifest?.modality, manifest?.anatomy, manifest?.image]);
  };
  return rows.map((row) => {
    const reference = rows.find(
      ({ family, model, count }) => family === 'ddpm' && count === row.count && imagesOf(model) === imagesOf(row.model),
    );
    const own = row.secondsPerImage.total.median;
    return { ...row, ratioToDdpm: reference === undefined ? null : reference.secondsPerImage.total.median / own };
  });
}
