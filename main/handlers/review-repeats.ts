import { VerisimError } from '../../preload/errors.ts';
import type { ReaderAnswer } from '../../preload/review.ts';
import { sha256Of } from '../engine/hash.ts';
import type { CaseImage } from './review-set.ts';

/** Remembers what a study shows, by the pixels before both classes are made equal. */
export interface ShownImages {
  /** Throws InvalidInput where the same image stands in the other class: no answer to it could be right. */
  add(truth: ReaderAnswer, image: CaseImage): void;
  /** Of images that stand in one class more than once; without a name, as readers see it. */
  notes(): string[];
}

export function rememberShown(): ShownImages {
  const known = new Map<string, { truth: ReaderAnswer; title: string }>();
  let repeated = 0;
  return {
    add(truth, image) {
      const key = pixelsKey(image);
      const same = known.get(key);
      if (same === undefined) known.set(key, { truth, title: image.title });
      else if (same.truth === truth) repeated++;
      else throw inBothSets({ [truth]: image.title, [same.truth]: same.title });
    },
    notes() {
      if (repeated === 0) return [];
      const images = repeated === 1 ? 'One image stands in its set twice' : `${repeated} images repeat another one`;
      return [`${images}: the statistics count the answers to them as if they were to different images.`];
    },
  };
}

function pixelsKey(image: CaseImage): string {
  if ('pixels' in image) return sha256Of(bytesOf(image.pixels));
  const { width, height, rgb } = image.picture;
  return `${width}×${height} ${sha256Of(rgb)}`;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function inBothSets({ real = '', synthetic = '' }: Partial<Record<ReaderAnswer, string>>): VerisimError {
  return new VerisimError(
    'InvalidInput',
    `“${real}” of the real set and “${synthetic}” of the synthetic set are the same image, so no answer to it could be right. Take it out of one of them.`,
    { expected: 'sets without a common image', found: real },
  );
}
