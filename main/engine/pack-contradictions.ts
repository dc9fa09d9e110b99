import { families } from '../diffusion/families/registry.ts';
import type { Grid } from '../diffusion/wavelets/haar.ts';
import { packetBands } from '../diffusion/wavelets/haar.ts';
import type { PackFile, PackManifest } from './pack-schema.ts';

/** Where, and what is wrong there. */
type Contradiction = [path: string[], message: string];
type Must = (holds: boolean, path: string, message: string) => void;

/** Facts of a manifest that no single field shows. */
export function contradictions(pack: PackManifest): Contradiction[] {
  const found: Contradiction[] = [];
  const must: Must = (holds, path, message) => {
    if (!holds) found.push([path.split('.'), message]);
  };
  checkRanges(pack, must);
  checkConditioning(pack, must);
  checkFamily(pack, must);
  checkDenoiser(pack, must);
  return found;
}

function checkRanges({ intensity, schedule, sampling }: PackManifest, must: Must): void {
  must(intensity.storedMax > intensity.storedMin, 'intensity.storedMax', 'must be above storedMin');
  must(intensity.modelMax > intensity.modelMin, 'intensity.modelMax', 'must be above modelMin');
  const constants = schedule.betaStart !== null && schedule.betaEnd !== null;
  must(schedule.kind === 'cosine' || constants, 'schedule.betaStart', `a ${schedule.kind} schedule needs both betas`);
  const zeroSnrAllowed = schedule.prediction === 'v' && sampling.spacing === 'trailing';
  must(
    !schedule.zeroTerminalSnr || zeroSnrAllowed,
    'schedule.zeroTerminalSnr',
    'needs prediction v and spacing trailing, as there is no signal in the last step',
  );
  must(sampling.steps <= schedule.steps, 'sampling.steps', `at most the ${schedule.steps} trained steps`);
}

function checkConditioning({ conditioning }: PackManifest, must: Must): void {
  if (conditioning === null) return;
  const { classes, nullLabel } = conditioning;
  must(new Set(classes.map(({ id }) => id)).size === classes.length, 'conditioning.classes', 'ids must differ');
  must(nullLabel >= classes.length, 'conditioning.nullLabel', `must not be one of the ${classes.length} class labels`);
}

/** What the family needs is there, what it does not know is not, and all grids follow from the image. */
function checkFamily(pack: PackManifest, must: Must): void {
  const { family, autoencoder, wavelet, image, latent, sampling, files } = pack;
  const rules = families[family];
  const presence = (used: boolean, given: boolean, path: string): void =>
    must(used === given, path, used ? `is needed by the family ${family}` : `must be null for the family ${family}`);
  presence(rules.usesWavelet, wavelet !== null, 'wavelet');
  presence(rules.usesAutoencoder, autoencoder !== null, 'autoencoder');
  for (const name of ['encoder', 'decoder'] as const) {
    const given = files[name] !== undefined;
    const message = rules.usesAutoencoder ? 'is needed by' : 'must be absent for';
    must(given === rules.usesAutoencoder, `files.${name}`, `${message} the family ${family}`);
  }
  if (wavelet !== null && autoencoder !== null) {
    must(autoencoder.scale === 1, 'autoencoder.scale', 'must be 1 where wavelet.scale sets the scale');
  }
  must(
    !(rules.usesAutoencoder && (sampling.clip || sampling.threshold !== undefined)),
    'sampling.clip',
    `must be false for the family ${family}, and threshold absent: the range is one of images, not of what is denoised`,
  );
  if (autoencoder !== null && rules.usesAutoencoder) {
    const { factor } = autoencoder;
    const divides = image.width % factor === 0 && image.height % factor === 0;
    must(divides, 'autoencoder.factor', `must divide the image of ${image.width} × ${image.height}`);
  }
  if (wavelet !== null) {
    const bands = packetBands(wavelet.levels);
    const complete = wavelet.bandOrder.length === bands.length && bands.every((b) => wavelet.bandOrder.includes(b));
    must(complete, 'wavelet.bandOrder', `must name each of the ${bands.length} bands once: ${bands.join(' ')}`);
    if (!complete) return;
  }
  const space = rules.space(pack);
  if (space === null) return;
  const { width, height, channels } = space.latent;
  const means = [rules.usesAutoencoder ? 'autoencoder' : '', rules.usesWavelet ? 'wavelet' : ''].filter(Boolean);
  const follows = `must be ${width} × ${height} × ${channels}, which follows from ${['image', ...means].join(' and ')}`;
  must(sameGrid(latent, space.latent), 'latent', follows);
  if (!space.autoencoded) return;
  checkShapes(
    { name: 'encoder', file: files.encoder, inputs: { sample: image }, outputs: { latent: space.base } },
    must,
  );
  const tile = decoderTile(files.decoder, space.base);
  const factor = image.width / space.base.width;
  const shown = { channels: image.channels, height: tile.height * factor, width: tile.width * factor };
  checkShapes({ name: 'decoder', file: files.decoder, inputs: { latent: tile }, outputs: { image: shown } }, must);
}

/** A decoder may take less than the whole latent: it is then run tile by tile. Below eight positions hardly any of a tile would be free of its edge. */
function decoderTile(file: PackManifest['files']['decoder'], whole: Grid): Grid {
  const [, , height = whole.height, width = whole.width] = file?.inputs.latent ?? [];
  const fits = height >= 8 && height <= whole.height && width >= 8 && width <= whole.width;
  return fits ? { channels: whole.channels, height, width } : whole;
}

function checkDenoiser({ files, latent, conditioning }: PackManifest, must: Must): void {
  const { denoiser } = files;
  const { batch, inputs } = denoiser;
  checkShapes({ name: 'denoiser', file: denoiser, inputs: { sample: latent }, outputs: { prediction: latent } }, must);
  must(sameShape(inputs.timestep, [batch]), 'files.denoiser.inputs.timestep', `must be [${batch}]`);
  must(conditioning === null || batch >= 2, 'files.denoiser.batch', 'guidance needs a batch of at least 2');
  const label = conditioning === null ? inputs.label === undefined : sameShape(inputs.label ?? [], [batch]);
  must(label, 'files.denoiser.inputs.label', conditioning === null ? 'needs conditioning' : `must be [${batch}]`);
}

interface ExpectedShapes {
  name: string;
  file: PackFile | undefined;
  inputs: Record<string, Grid>;
  outputs: Record<string, Grid>;
}

/** Every named tensor must be [batch, channels, height, width] of its grid. */
function checkShapes({ name, file, inputs, outputs }: ExpectedShapes, must: Must): void {
  if (file === undefined) return;
  for (const [side, grids] of [['inputs', inputs] as const, ['outputs', outputs] as const]) {
    const given: Record<string, readonly number[] | undefined> = file[side];
    for (const [tensor, { channels, height, width }] of Object.entries(grids)) {
      const shape = [file.batch, channels, height, width];
      must(sameShape(given[tensor] ?? [], shape), `files.${name}.${side}.${tensor}`, `must be [${shape.join(', ')}]`);
    }
  }
}

function sameGrid(a: Grid, b: Grid): boolean {
  return a.width === b.width && a.height === b.height && a.channels === b.channels;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
