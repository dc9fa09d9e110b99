/** Eight previews show how an image comes about; more than four a second nobody follows. */
const previewsPerImage = 8;
const leastMsBetween = 250;
/** Previews of a dear decoder take at most a fifth of the time. */
const waitsPerPreview = 4;

/**
 * When an image that is being made is worth showing. The last step is left out: the finished image follows at once.
 */
export function previewTimer(steps: number, now: () => number = () => performance.now()) {
  const every = Math.max(1, Math.round(steps / previewsPerImage));
  let notBeforeMs = now() + leastMsBetween;
  return {
    /** After so many steps. */
    isDue: (done: number): boolean => done % every === 0 && done < steps && now() >= notBeforeMs,
    /** A preview was shown, and making it took so long. */
    shown(seconds: number): void {
      notBeforeMs = now() + Math.max(leastMsBetween, waitsPerPreview * seconds * 1000);
    },
  };
}
