import type { StainNormalisation } from '../../../../preload/slides.ts';
import { macenko } from './macenko.ts';
import { reinhard } from './reinhard.ts';

/** Writes a patch in the colours of the reference, in place. */
export type Normaliser = (rgb: Uint8Array) => void;

/** What a method learns from tissue of a slide; one line a method. */
const methods: Readonly<Record<Exclude<StainNormalisation, 'none'>, (tissue: Uint8Array) => Normaliser>> = {
  macenko,
  reinhard,
};

/** `tissue`: RGB of pixels of the slide, in any order. */
export function createNormaliser(method: StainNormalisation, tissue: Uint8Array): Normaliser {
  return method === 'none' ? () => undefined : methods[method](tissue);
}
