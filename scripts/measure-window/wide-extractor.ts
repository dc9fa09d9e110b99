import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Of } from '../../main/engine/hash.ts';
import { randomFrom } from '../../main/evaluation/random.ts';
import { writeOnnx } from '../../tests/unit/engine/onnx-writer.ts';

/** An extractor pack of random features, as wide as is wanted: it costs nothing to run, so that a measure alone is timed. */
export async function writeWideExtractor(folder: string, { side, width }: { side: number; width: number }) {
  const random = randomFrom(7);
  const batch = 16;
  const matrix = Array.from({ length: side * side }, () => Array.from({ length: width }, () => random() - 0.5));
  const shapes = { image: [batch, 1, side, side], features: [batch, width] };
  const network = writeOnnx({
    nodes: [
      { operator: 'Flatten', inputs: ['image'], outputs: ['flat'] },
      { operator: 'MatMul', inputs: ['flat', 'weights'], outputs: ['sums'] },
      { operator: 'Tanh', inputs: ['sums'], outputs: ['features'] },
    ],
    inputs: [{ name: 'image', shape: shapes.image }],
    outputs: [{ name: 'features', shape: shapes.features }],
    weights: [{ name: 'weights', value: { matrix } }],
  });
  const facts = { images: 1, trainingListSha256: '0'.repeat(64) };
  const manifest = {
    ...{ schema: 1, role: 'extractor', id: 'wide', version: '0.0.0', name: 'Random features', licence: 'Apache-2.0' },
    ...{ modality: 'OT', anatomy: 'noise', layer: 'random', width },
    image: { width: side, height: side, channels: 1, layout: 'nchw' },
    resize: 'area-bilinear',
    normalisation: { mean: [0.5], deviation: [0.25] },
    files: {
      extractor: {
        ...{ path: 'extractor.onnx', sha256: sha256Of(network), bytes: network.length, batch },
        inputs: { image: shapes.image },
        outputs: { features: shapes.features },
      },
    },
    ...{ parameters: side * side * width, gflops: 0.001 },
    data: { name: 'none', licence: 'none', source: 'none', split: 'none', ...facts },
    training: { optimiserSteps: 0, imagesSeen: 0, hours: 0, hardware: 'none' },
    quality: [],
    intendedUse: 'Timing.',
    limits: ['Says nothing.'],
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'extractor.onnx'), network);
  await writeFile(join(folder, 'model.json'), JSON.stringify(manifest));
}
