import { describe, expect, it } from 'vitest';
import { planBlocks } from '../../../main/diffusion/region-blocks.ts';
import { planTiles } from '../../../main/diffusion/tiles.ts';
import { blockSide, windowsOfRegion } from '../../../renderer/state/region-windows.ts';

/** As the engine cuts them, in positions of a latent that is `factor` times smaller. */
function windowsOfEngine(region: { width: number; height: number }, window: number, factor: number): number {
  const side = window / factor;
  const [width, height] = [region.width, region.height].map((length) => Math.max(side, Math.ceil(length / factor))) as [
    number,
    number,
  ];
  const options = { side: blockSide / factor, strip: side / 2, margin: side / 2, window: side };
  return planBlocks({ width, height }, options).blocks.reduce(
    (sum, { region: part }) =>
      sum + planTiles({ ...part, channels: 1 }, { width: side, height: side, channels: 1 }).length,
    0,
  );
}

describe('the windows of a region', () => {
  it.each([
    { width: 128, height: 128 },
    { width: 300, height: 1000 },
    { width: 512, height: 512 },
    { width: 1024, height: 1024 },
    { width: 2100, height: 900 },
    { width: 8192, height: 8192 },
  ])('of $width × $height are as many as the engine denoises', (region) => {
    for (const factor of [1, 4, 8]) {
      const rounded = {
        width: factor * Math.ceil(region.width / factor),
        height: factor * Math.ceil(region.height / factor),
      };
      expect(windowsOfRegion(rounded, { width: 128, height: 128 }), `factor ${factor}`).toBe(
        windowsOfEngine(rounded, 128, factor),
      );
    }
  });
});
