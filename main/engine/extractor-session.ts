import { InferenceSession, Tensor } from 'onnxruntime-node';
import { VerisimError } from '../../preload/errors.ts';
import type { ExtractorPack } from './extractor-packs.ts';
import { readExtractorWeights } from './extractor-packs.ts';
import { optionsFor, reasonOf } from './session-network.ts';

/** A loaded extractor with the buffer of its one static batch. */
export interface ExtractorSession {
  batch: number;
  /**
   * Features of up to `batch` images in 0…1 on the extractor's grid, rows top down: images.length × width values, row-major. An image is
   * one plane, or as many as the network has channels one after the other. The features of an image do not depend on the others.
   * Throws InferenceFailed.
   */
  run(images: readonly Float32Array[]): Promise<Float32Array>;
  release(): Promise<void>;
}

/** Runs on the processor. Throws PackInvalid or HashMismatch when the file or its shapes are wrong. */
export async function openExtractor(pack: ExtractorPack): Promise<ExtractorSession> {
  const weights = await readExtractorWeights(pack);
  const session = await InferenceSession.create(weights, optionsFor('cpu')).catch((cause: unknown) => {
    throw invalid(pack, 'an ONNX model that loads', reasonOf(cause), cause);
  });
  const { manifest } = pack;
  const { batch, inputs, outputs } = manifest.files.extractor;
  const input = signature(pack, 'input', session.inputMetadata, inputs);
  const output = signature(pack, 'output', session.outputMetadata, outputs);
  const { width, height, channels } = manifest.image;
  const buffer = new Float32Array(batch * width * height * channels);
  const feeds = { [input.name]: new Tensor('float32', buffer, input.shape) };
  return {
    batch,
    async run(images) {
      buffer.fill(0);
      images.forEach((image, slot) => place(buffer, image, slot, manifest));
      try {
        const results = await session.run(feeds);
        return (results[output.name]?.data as Float32Array).slice(0, images.length * manifest.width);
      } catch (cause) {
        const found = reasonOf(cause);
        throw new VerisimError('InferenceFailed', `The extractor ${manifest.id} failed: ${found}.`, { found, cause });
      }
    },
    release: () => session.release(),
  };
}

/** Normalises one image into its slot in the network's layout; a single plane is repeated over the channels. */
function place(
  buffer: Float32Array,
  image: Float32Array,
  slot: number,
  { image: { channels, layout, width, height }, normalisation: { mean, deviation } }: ExtractorPack['manifest'],
): void {
  const size = width * height;
  const start = slot * size * channels;
  const [channelStep, pixelStep] = layout === 'nchw' ? [size, 1] : [1, channels];
  for (let channel = 0; channel < channels; channel++) {
    const shift = mean[channel] ?? 0;
    const scale = 1 / (deviation[channel] ?? 1);
    const first = start + channel * channelStep;
    const plane = image.length === size ? 0 : channel * size;
    for (let i = 0; i < size; i++) buffer[first + i * pixelStep] = ((image[plane + i] ?? 0) - shift) * scale;
  }
}

/** The one tensor of that side against the manifest. Throws PackInvalid. */
function signature(
  pack: ExtractorPack,
  side: 'input' | 'output',
  found: readonly InferenceSession.ValueMetadata[],
  manifest: Record<string, number[]>,
): { name: string; shape: number[] } {
  const [name, shape] = Object.entries(manifest)[0] ?? ['', []];
  const [only] = found;
  const fits = found.length === 1 && only?.isTensor === true && only.name === name && only.type === 'float32';
  if (fits && only.shape.join() === shape.join()) return { name, shape };
  const described = found.map((one) => (one.isTensor ? `${one.name} ${one.type} [${one.shape.join(', ')}]` : one.name));
  throw invalid(pack, `the one ${side} ${name} float32 [${shape.join(', ')}]`, described.join(', ') || 'none');
}

function invalid({ manifest, folder }: ExtractorPack, expected: string, found: string, cause?: unknown): VerisimError {
  const path = `${folder}/${manifest.files.extractor.path}`;
  return new VerisimError(
    'PackInvalid',
    `The extractor ${path} does not fit: ${expected} was expected, ${found} was found.`,
    {
      path,
      expected,
      found,
      cause,
    },
  );
}
