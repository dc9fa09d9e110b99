import { writeFileSync } from 'node:fs';

/**
 * Writes a NIfTI-1 file (nifti1.h): int16, 1 × 1 × 2 mm, axes to the right, anterior and superior. A bright, uneven
 * ellipsoid in air; no two slices are alike.
 */
export function writeNiftiFile(file: string, { columns = 40, rows = 48, slices = 20, seed = 1 } = {}): void {
  const header = Buffer.alloc(352);
  header.writeInt32LE(348, 0);
  [3, columns, rows, slices, 1, 1, 1, 1].forEach((value, i) => header.writeInt16LE(value, 40 + 2 * i));
  header.writeInt16LE(4, 70);
  header.writeInt16LE(16, 72);
  [1, 1, 1, 2, 0, 0, 0, 0].forEach((value, i) => header.writeFloatLE(value, 76 + 4 * i));
  header.writeFloatLE(352, 108);
  header.writeFloatLE(1, 112);
  header.writeUInt8(2, 123);
  header.writeInt16LE(1, 254);
  const affine = [1, 0, 0, -columns / 2, 0, 1, 0, -rows / 2, 0, 0, 2, -slices];
  affine.forEach((value, i) => header.writeFloatLE(value, 280 + 4 * i));
  header.write('n+1\0', 344, 'latin1');
  const voxels = Buffer.alloc(columns * rows * slices * 2);
  let at = 0;
  for (let k = 0; k < slices; k++) {
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const [x, y, z] = [(2 * i) / columns - 1, (2 * j) / rows - 1, (2 * k) / slices - 1];
        const inside = x * x + y * y + z * z < 0.8;
        const value = 400 + 300 * Math.sin(seed + 5 * x + 7 * z) * Math.cos(3 * y - 2 * z) + 100 * z;
        voxels.writeInt16LE(inside ? Math.round(value) : 0, at);
        at += 2;
      }
    }
  }
  writeFileSync(file, Buffer.concat([header, voxels]));
}
