import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { writeClamCoordinates } from '../../../main/imaging/slide/tiling/clam.ts';
import { inFolder, titleWith } from '../imaging/shared.ts';
import { pythonWith } from '../imaging/tools.ts';

const h5py = pythonWith('h5py');
const slide = {
  path: 'CMU-1.svs',
  levels: [1, 4].map((downsample) => ({
    width: 2000 / downsample,
    height: 1600 / downsample,
    downsample,
    tileWidth: 256,
    tileHeight: 256,
  })),
};
const places = Array.from({ length: 2500 }, (_, i) => ({
  x: (i % 50) * 1000.4,
  y: Math.floor(i / 50) * 7e8,
  side: 1120,
}));

// What CLAM's own reader asks for (datasets/dataset_h5.py).
const script = `
import h5py, json, sys
with h5py.File(sys.argv[1], 'r') as f:
    coords = f['coords']
    plain = lambda value: value.tolist() if hasattr(value, 'tolist') else value
    print(json.dumps({'dtype': str(coords.dtype), 'shape': coords.shape, 'last': coords[-1].tolist(),
        'attributes': {name: plain(value) for name, value in coords.attrs.items()}}))
`;

test.skipIf(h5py === null)(
  titleWith('h5py reads the coordinates and attributes that CLAM asks for', h5py !== null, 'h5py'),
  () =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'patches', 'CMU-1.h5');
      await writeClamCoordinates(file, slide, { name: 'CMU-1', places, size: 224 });
      const { stdout, stderr } = spawnSync(h5py ?? '', ['-c', script, file], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual({
        dtype: 'int64',
        shape: [2500, 2],
        last: [49020, 34_300_000_000],
        attributes: {
          patch_size: 280,
          patch_level: 1,
          downsample: [4, 4],
          downsampled_level_dim: [500, 400],
          level_dim: [500, 400],
          name: 'CMU-1',
          save_path: 'patches',
        },
      });
    }),
);

test('the same coordinates give the same bytes at another time', () =>
  inFolder(async (folder) => {
    const files = ['a.h5', 'b.h5'].map((name) => path.join(folder, name));
    for (const file of files) {
      await writeClamCoordinates(file, slide, { name: 'CMU-1', places, size: 224 });
      await wait(1100);
    }
    const [a, b] = files.map((file) => readFileSync(file));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  }));
