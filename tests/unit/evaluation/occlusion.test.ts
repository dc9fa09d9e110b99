import { describe, expect, it } from 'vitest';
import { covered, patchesOf, patchMap } from '../../../main/evaluation/occlusion.ts';

const size = { width: 7, height: 5 };

describe('occlusion', () => {
  it('covers each pixel by one patch, also where the sides do not divide', () => {
    const patches = patchesOf(size, 3);
    const hits = patches.map((_, place) =>
      patchMap(
        patches.map((__, at) => Number(at === place)),
        patches,
        size,
      ),
    );
    for (let i = 0; i < 35; i++) expect(hits.reduce((sum, map) => sum + map[i]!, 0)).toBe(1);
  });

  it('replaces a patch by the mean of its plane and leaves the rest', () => {
    const pixels = Float32Array.from({ length: 70 }, (_, i) => (i < 35 ? i : 100));
    const [patch] = patchesOf(size, 3);
    const result = covered(pixels, size, patch!);
    expect(result[0]).toBe(17);
    expect(result[35]).toBe(100);
    const changed = [...result].filter((value, i) => value !== pixels[i]).length;
    expect(changed).toBe((patch!.right - patch!.left) * (patch!.bottom - patch!.top));
  });
});
