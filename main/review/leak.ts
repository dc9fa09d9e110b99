import type { Interval } from '../../preload/domain.ts';
import type { ReaderAnswer } from '../../preload/review.ts';
import { aucWithInterval } from './delong.ts';

/** A case as it will be shown: 8-bit grey, rows top down; `byteLength` of its encoded file. */
export interface ShownCase {
  truth: ReaderAnswer;
  pixels: Uint8Array;
  width: number;
  height: number;
  byteLength: number;
}

export interface Leak {
  property: string;
  /** How well the property alone tells synthetic from real; 0.5 = not at all. */
  auc: Interval;
  /** Whether the property is one that the presentation should have made equal; fine grain belongs to the image itself. */
  presentation: boolean;
  /** A presentation property whose interval excludes 0.5. */
  tells: boolean;
}

/** Tests whether properties that have nothing to do with anatomy tell the two classes apart. Both classes have cases. */
export function findLeaks(cases: readonly ShownCase[]): Leak[] {
  return properties.map(({ property, presentation, measure }) => {
    const of = (truth: ReaderAnswer) => cases.filter((one) => one.truth === truth).map(measure);
    const auc = aucWithInterval({ real: of('real'), synthetic: of('synthetic') });
    return { property, auc, presentation, tells: presentation && (auc.low > 0.5 || auc.high < 0.5) };
  });
}

interface Property {
  property: string;
  presentation: boolean;
  measure: (one: ShownCase) => number;
}

const properties: readonly Property[] = [
  { property: 'width', presentation: true, measure: ({ width }) => width },
  { property: 'height', presentation: true, measure: ({ height }) => height },
  { property: 'smallest value', presentation: true, measure: ({ pixels }) => pixels.reduce((a, b) => Math.min(a, b)) },
  { property: 'largest value', presentation: true, measure: ({ pixels }) => pixels.reduce((a, b) => Math.max(a, b)) },
  { property: 'number of grey levels', presentation: true, measure: ({ pixels }) => new Set(pixels).size },
  { property: 'mean of the border', presentation: true, measure: borderMean },
  {
    property: 'share of white',
    presentation: true,
    measure: ({ pixels }) => pixels.filter((value) => value === 255).length / pixels.length,
  },
  { property: 'bytes of the file', presentation: false, measure: ({ byteLength }) => byteLength },
  { property: 'energy of fine grain', presentation: false, measure: fineGrain },
];

function borderMean({ pixels, width, height }: ShownCase): number {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) {
        sum += pixels[y * width + x]!;
        count++;
      }
  return sum / count;
}

/** Mean square of the five-point Laplacian. */
function fineGrain({ pixels, width, height }: ShownCase): number {
  let sum = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      sum += (4 * pixels[at]! - pixels[at - 1]! - pixels[at + 1]! - pixels[at - width]! - pixels[at + width]!) ** 2;
    }
  return sum / ((width - 2) * (height - 2));
}
