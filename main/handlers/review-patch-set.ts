import { setImmediate as nextTurn } from 'node:timers/promises';
import { type PatchPicture, readPatch } from '../imaging/patches/patch-picture.ts';
import { fitToGrid } from '../imaging/resample.ts';
import { luminance } from '../imaging/slice.ts';
import { findPatches, type PatchFile } from './review-patches.ts';
import { type ImageSize, type ReviewSet, type SetContext, wrongClass } from './review-set.ts';

/** What a set of patches is, is told by this many of them, spread evenly. */
const sampled = 24;
/** Mean difference of the channels up to which a picture in colour is a grey one: rounding, JPEG. */
const leastColour = 2;

/** The patches below folders. Throws EmptyFolder, FileNotReadable, UnsupportedPixelData, InvalidInput for the other class. */
export async function openPatchSet(
  { name, folders }: { name: string; folders: readonly string[] },
  { truth, signal }: SetContext,
): Promise<ReviewSet> {
  const patches = await findPatches(folders);
  const refuse = (what: string) =>
    wrongClass(`${what} is of a synthetic slide or made by a model`, 'real', 'synthetic');
  if (truth === 'real' && patches.some(({ synthetic }) => synthetic === true)) throw refuse(`"${name}"`);
  const { isColour, sizes, marked } = await describePatches(patches, signal);
  const byId = new Map(patches.map((patch) => [`patch:${patch.file}`, patch]));
  return {
    name,
    truth,
    isColour,
    sizes,
    isUnmarked: truth === 'synthetic' && !marked,
    candidates: () =>
      Promise.resolve(
        [...byId].map(([id, { slide, patient, label }]) => {
          const set = truth === 'real' ? 'real' : name;
          return {
            id,
            // Patches of one slide are as alike as slices of one patient.
            patient: patient || (slide === null ? id : `slide ${slide}`),
            group: label === '' ? set : `${set}, ${label}`,
            ...(slide === null ? {} : { slide }),
          };
        }),
      ),
    async image(id, grid) {
      const { file, title, micronsPerPixel } = byId.get(id)!;
      const picture = await readPatch(file);
      if (truth === 'real' && picture.synthetic) throw refuse(`"${file}"`);
      if (isColour) return { title, picture: inColour(picture), micronsPerPixel };
      const slice = { ...picture, spacingMm: [1, 1] as const, pixels: inGrey(picture) };
      const window = { centre: 0.5, width: 1 };
      return { title, pixels: fitToGrid(slice, { ...grid, window, storedMin: 0, storedMax: 1 }) };
    },
  };
}

/** What patches are like, from some of them. Throws what reading one throws. */
export async function describePatches(
  patches: readonly PatchFile[],
  signal: AbortSignal,
): Promise<{ isColour: boolean; sizes: ImageSize[]; marked: boolean }> {
  const step = Math.max(1, patches.length / sampled);
  const some = patches.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  const sizes = new Map<string, ImageSize>();
  let isColour = false;
  let marked = patches.some(({ synthetic }) => synthetic === true);
  for (const { file, micronsPerPixel } of some) {
    await nextTurn(undefined, { signal });
    const picture = await readPatch(file);
    const { width, height } = picture;
    sizes.set(`${width} ${height} ${micronsPerPixel}`, { width, height, micronsPerPixel });
    isColour ||= colourOf(picture) > leastColour;
    marked ||= picture.synthetic;
  }
  return { isColour, sizes: [...sizes.values()], marked };
}

function colourOf(picture: PatchPicture): number {
  if (picture.kind === 'grey') return 0;
  const { rgb } = picture;
  let sum = 0;
  for (let i = 0; i < rgb.length; i += 3)
    sum += Math.max(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!) - Math.min(rgb[i]!, rgb[i + 1]!, rgb[i + 2]!);
  return (3 * sum) / rgb.length;
}

function inColour(picture: PatchPicture): { width: number; height: number; rgb: Uint8Array } {
  const { width, height } = picture;
  if (picture.kind === 'colour') return { width, height, rgb: picture.rgb };
  const { grey } = picture;
  return {
    width,
    height,
    rgb: Uint8Array.from({ length: 3 * grey.length }, (_, i) => Math.round(255 * grey[Math.floor(i / 3)]!)),
  };
}

function inGrey(picture: PatchPicture): Float32Array {
  return picture.kind === 'grey' ? picture.grey : luminance(picture.rgb).map((value) => value / 255);
}
