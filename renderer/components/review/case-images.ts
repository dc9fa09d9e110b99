import { assetUrl } from '../../client.ts';

/** The screen stays blank this long between cases, so that load times tell nothing. */
const blankMs = 250;

export interface CaseImages {
  /** The decoded images of a case, never sooner than the blank time. */
  take(numbers: readonly number[]): Promise<HTMLImageElement[]>;
}

/**
 * Images of one study. Files have one size, and a case is shown after a fixed time that is longer than decoding takes:
 * real and synthetic come alike, seen before or not.
 */
export function createCaseImages(reviewId: string): CaseImages {
  async function decode(number: number): Promise<HTMLImageElement> {
    const image = new Image();
    image.alt = 'The image to judge';
    image.draggable = false;
    image.src = assetUrl.reviewCase(reviewId, number);
    await image.decode();
    return image;
  }

  return {
    async take(numbers) {
      const blank = new Promise((resolve) => setTimeout(resolve, blankMs));
      const [images] = await Promise.all([Promise.all(numbers.map(decode)), blank]);
      return images;
    },
  };
}

/** For `{@attach}`: puts the very element that was decoded into the page. */
export function holding(image: HTMLImageElement): (frame: HTMLElement) => void {
  return (frame) => frame.replaceChildren(image);
}

/** Two frames: the first runs before the image is painted, the second after. */
export function nextPaint(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
}
