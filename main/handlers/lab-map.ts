import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CallParsed } from '../../preload/contract.ts';
import type { LatentMap, MapPoint } from '../../preload/lab.ts';
import { VerisimError } from '../../preload/errors.ts';
import { leaseInference } from '../engine/inference.ts';
import type { ModelPack } from '../engine/packs.ts';
import type { Features } from '../evaluation/features.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { encodePng8 } from '../imaging/png.ts';
import type { Workspace } from './dependencies.ts';
import { readImageSet } from './evaluate-images.ts';
import type { SetGrid, SetImage } from './set-image.ts';
import { runEvaluationThread } from './evaluate.ts';
import type { Positions } from './lab-positions.ts';
import { loggedRun, type LoggedRunContext } from './logged-run.ts';
import { resolveSet } from './measure-sets.ts';
import { percentReporter } from './percent-progress.ts';
import { chooseImages, stored } from './probe-features.ts';

type Input = CallParsed<'lab.map'>;
const pixelGrid: SetGrid = { width: 64, height: 64, channels: 1 };
const sheet = { columns: 24, side: 40 };

/**
 * Where the images of several sets lie to each other, by the latents of a model or by their pixels. Throws UnknownModel, InvalidInput for a
 * model without an autoencoder, EmptyFolder, Cancelled.
 */
export async function latentMap(
  workspace: Workspace,
  input: Input,
  { signal }: { signal: AbortSignal },
): Promise<LatentMap> {
  const pack = input.modelId === null ? null : await workspace.packs.find(input.modelId);
  if (pack !== null && (pack.manifest.autoencoder === null || pack.manifest.image.channels !== 1))
    throw new VerisimError(
      'InvalidInput',
      `The model ${pack.manifest.id} has no latents of grey images. Choose another one, or the pixels.`,
      {
        expected: 'a grey model of the family ldm or lwdm',
        found: pack.manifest.family,
      },
    );
  const sets = input.sets.map(({ name, parts }) => ({ ...resolveSet(workspace, parts), title: name }));
  const of = pack === null ? 'pixels' : `latents of ${pack.manifest.id}`;
  return loggedRun(
    workspace,
    {
      kind: 'map',
      title: `Map of ${sets.map(({ title }) => title).join(', ')} by ${of}`,
      parameters: { ...input },
      modelId: input.modelId,
      total: 100,
      phase: 'Reading the images',
    },
    {
      signal,
      async work(context) {
        const report = percentReporter(context);
        const grid = pack?.manifest.image ?? pixelGrid;
        const chosen: { set: string; image: SetImage }[] = [];
        const warnings: string[] = [];
        for (const [place, { title, source }] of sets.entries()) {
          const span = 30 / sets.length;
          const { images, skipped } = await readImageSet(source, {
            grid,
            onImage: report(`Reading ${title}`, place * span, (place + 1) * span),
          });
          const used = chooseImages(images, input.most, place);
          if (used.length < images.length)
            warnings.push(
              `${used.length} of ${images.length} images of ${title} were drawn, whole patients at random.`,
            );
          if (skipped.length > 0) warnings.push(`${skipped.length} files of ${title} could not be used.`);
          chosen.push(...used.map((image) => ({ set: title, image })));
        }
        const features = pack === null ? pixelsOf(chosen, grid) : await latentsOf(pack, chosen, context);
        const { points, explained } = (await runEvaluationThread(
          { kind: 'positions', features, method: input.method },
          context.signal,
          ({ done, total, phase }) => report(phase, 70, 100)(done, total),
        )) as Positions;
        const folder = workspace.folder.runPictures(context.runId);
        await mkdir(folder, { recursive: true });
        await writeFileAtomic(
          path.join(folder, 'sheet.png'),
          sheetOf(
            chosen.map(({ image }) => image.pixels),
            grid,
          ),
        );
        const result: LatentMap = {
          runId: context.runId,
          method: input.method,
          modelId: input.modelId,
          points: chosen.map(({ set, image }, row): MapPoint => {
            const [x, y] = points[row] ?? [0, 0];
            return { x, y, set, synthetic: image.synthetic, label: image.label, name: image.name };
          }),
          sheet: { name: 'sheet', ...sheet },
          explained,
          warnings,
        };
        return { result, changes: { result, warnings } };
      },
    },
  );
}

function pixelsOf(chosen: readonly { image: SetImage }[], { width, height }: typeof pixelGrid): Features {
  const values = new Float64Array(chosen.length * width * height);
  chosen.forEach(({ image }, row) => values.set(image.pixels, row * width * height));
  return { values, count: chosen.length, dimension: width * height };
}

async function latentsOf(
  pack: ModelPack,
  chosen: readonly { image: SetImage }[],
  context: LoggedRunContext,
): Promise<Features> {
  const lease = await leaseInference(context.signal);
  try {
    await lease.load(pack, { provider: 'cpu', encoder: true });
    const inputs = chosen.map(({ image }) => stored(image.pixels, pack.manifest));
    const latents = await lease.encode(inputs, { onStep: percentReporter(context)('Encoding', 30, 70) });
    const dimension = latents[0]?.length ?? 0;
    const values = new Float64Array(latents.length * dimension);
    latents.forEach((latent, row) => values.set(latent, row * dimension));
    return { values, count: latents.length, dimension };
  } finally {
    lease.release();
  }
}

/** Nearest pixels of squares that hold each image, in rows of `columns`. */
function sheetOf(images: readonly Float32Array[], { width, height }: { width: number; height: number }): Uint8Array {
  const { columns, side } = sheet;
  const rows = Math.ceil(images.length / columns);
  const values = new Uint8Array(columns * side * rows * side);
  images.forEach((pixels, place) => {
    const [left, top] = [(place % columns) * side, Math.floor(place / columns) * side];
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const value = pixels[Math.floor(((y + 0.5) * height) / side) * width + Math.floor(((x + 0.5) * width) / side)]!;
        values[(top + y) * columns * side + left + x] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
  });
  return encodePng8({ width: columns * side, height: rows * side, channels: 1, values });
}
