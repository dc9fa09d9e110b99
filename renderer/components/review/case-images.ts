import { assetUrl } from '../../client.ts';

/** The screen stays blank this long between cases, so that load times tell nothing. */
const blankMs = 250;

export interface CaseImages {
  /** The decoded image of a case, never sooner than the blank time. */
  take(position: number): Promise<HTMLImageElement>;
  /** Decodes the image that comes next while this one is read. */
  prepare(position: number): void;
}

/** Images of one review, decoded ahead: every case is ready when its turn comes, real or synthetic alike. */
export function createCaseImages(reviewId: string): CaseImages {
  const decoded = new Map<number, Promise<HTMLImageElement>>();

  function decode(position: number): Promise<HTMLImageElement> {
    const known = decoded.get(position);
    if (known !== undefined) return known;
    const image = new Image();
    image.alt = 'The image to judge';
    image.draggable = false;
    image.src = assetUrl.reviewCase(reviewId, position);
    const loading = image.decode().then(() => image);
    loading.catch(() => decoded.delete(position));
    decoded.set(position, loading);
    return loading;
  }

  return {
    async take(position) {
      decoded.delete(position - 2);
      const [image] = await Promise.all([decode(position), new Promise((resolve) => setTimeout(resolve, blankMs))]);
      return image;
    },
    prepare(position) {
      void decode(position);
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
