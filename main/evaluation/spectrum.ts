import { powerSpectrum } from './fourier.ts';

/** Bands of the radial spectrum from 0 to 0.5 cycles per pixel. */
export const spectrumBands = 64;

/** What the spectrum of one image says about it. All are decimal logarithms. */
export interface SpectralScores {
  /** Radially averaged power (RAPSD) per band, `spectrumBands` values; NaN where a small image has no frequency in a band. */
  radial: Float64Array;
  /** Power at the Nyquist corners, where patterns of period 2 lie, over the power around them: 0 means no peak. */
  checkerboard: number;
  /** Power above 0.25 cycles per pixel over that from 0.06 to 0.2: low in smoothed images. */
  sharpness: number;
  /** Variance of the Laplacian. */
  laplacian: number;
}

const smallest = 1e-20;

/** Pixels in 0…1, rows top down; both sides at least 16. Throws RangeError for a smaller image. */
export function spectralScores(
  pixels: ArrayLike<number>,
  { width, height }: { width: number; height: number },
): SpectralScores {
  if (Math.min(width, height) < 16)
    throw new RangeError(`A spectrum needs images of at least 16 by 16 pixels; this one has ${width} by ${height}.`);
  const power = powerSpectrum(pixels, { width, height });
  const radial = new Float64Array(spectrumBands);
  const counts = new Float64Array(spectrumBands);
  const corner = { peak: 0, peakCount: 0, ring: 0, ringCount: 0 };
  const band = { high: 0, highCount: 0, middle: 0, middleCount: 0 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = power[y * width + x]!;
      const fx = Math.min(x, width - x) / width;
      const fy = Math.min(y, height - y) / height;
      const radius = Math.hypot(fx, fy);
      const place = Math.floor(radius * 2 * spectrumBands);
      if (radius > 0 && place < spectrumBands) {
        radial[place]! += value;
        counts[place]!++;
      }
      if (radius > 0.25 && radius <= 0.5) {
        band.high += value;
        band.highCount++;
      } else if (radius >= 0.06 && radius <= 0.2) {
        band.middle += value;
        band.middleCount++;
      }
      const near = distanceToCorner(fx, fy);
      if (near <= peakRadius) {
        corner.peak += value;
        corner.peakCount++;
      } else if (near > ringFrom && near <= ringTo) {
        corner.ring += value;
        corner.ringCount++;
      }
    }
  return {
    radial: radial.map((sum, index) => (counts[index] === 0 ? NaN : logarithm(sum / counts[index]!))),
    checkerboard: logarithm(corner.peak / corner.peakCount) - logarithm(corner.ring / corner.ringCount),
    sharpness: logarithm(band.high / band.highCount) - logarithm(band.middle / band.middleCount),
    laplacian: logarithm(laplacianVariance(pixels, { width, height })),
  };
}

const peakRadius = 0.025;
const ringFrom = 0.06;
const ringTo = 0.14;

/** To the nearest of (½, 0), (0, ½), (½, ½): the corners of the square of frequencies, but for 0 itself. */
function distanceToCorner(fx: number, fy: number): number {
  return Math.min(Math.hypot(0.5 - fx, fy), Math.hypot(fx, 0.5 - fy), Math.hypot(0.5 - fx, 0.5 - fy));
}

/** With the kernel 0 1 0 / 1 −4 1 / 0 1 0, where it lies wholly inside. */
function laplacianVariance(pixels: ArrayLike<number>, { width, height }: { width: number; height: number }): number {
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const value = pixels[at - 1]! + pixels[at + 1]! + pixels[at - width]! + pixels[at + width]! - 4 * pixels[at]!;
      sum += value;
      squares += value * value;
    }
  const count = (width - 2) * (height - 2);
  return squares / count - (sum / count) ** 2;
}

function logarithm(value: number): number {
  return Math.log10(Math.max(value, smallest));
}
