import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { decodePng, encodePng16, encodePng8 } from '../../../main/imaging/png.ts';

const values = Uint16Array.from({ length: 37 * 21 }, (_, i) => (i * 40503) % 65536);

describe('PNG', () => {
  it('16-bit values survive, for us and for another decoder', () => {
    const bytes = encodePng16({ width: 37, height: 21, values, text: { Software: 'Verisim', 'Verisim:seed': '5 µ' } });
    const own = decodePng(bytes);
    expect(own).toEqual({
      width: 37,
      height: 21,
      channels: 1,
      depth: 16,
      values,
      text: { Software: 'Verisim', 'Verisim:seed': '5 µ' },
    });
    const other = decode(bytes);
    expect([other.width, other.height, other.depth, other.channels]).toEqual([37, 21, 16, 1]);
    expect(Uint16Array.from(other.data)).toEqual(values);
  });

  it('8-bit colour survives', () => {
    const rgb = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => i * 4);
    const bytes = encodePng8({ width: 5, height: 4, channels: 3, values: rgb });
    expect(decodePng(bytes).values).toEqual(rgb);
    expect(Uint8Array.from(decode(bytes).data)).toEqual(rgb);
  });

  it('equal images give equal bytes', () => {
    const image = { width: 37, height: 21, values, text: { a: 'b' } };
    expect(encodePng16(image)).toEqual(encodePng16(image));
  });

  it('damage is found and tagged', () => {
    const bytes = encodePng16({ width: 37, height: 21, values, text: {} });
    const damaged = bytes.slice();
    damaged[200] = (damaged[200] ?? 0) ^ 1;
    for (const bad of [damaged, bytes.subarray(0, 150), new Uint8Array(10)]) {
      expect(() => decodePng(bad)).toThrow(expect.objectContaining({ tag: 'InvalidInput' }));
    }
  });
});
