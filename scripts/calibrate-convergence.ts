import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { disposeInference, leaseInference, type InferenceLease } from '../main/engine/inference.ts';
import { readPacks, type ModelPack } from '../main/engine/packs.ts';
import type { SamplerName } from '../preload/samplers.ts';
import { repositoryRoot } from './repository.ts';

/**
 * Planted cases of slow convergence: images of few and of many steps, each beside the image that the same seed gives with very many
 * steps of a deterministic sampler. Writes one line for each: pack, sampler, steps, seed, distance (root-mean-square, share of the
 * intensity range) and the changes of x̂0, to the file that --out names; goes on where it was ended.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    models: { type: 'string', default: 'chest-xray-wdm-128,chest-xray-ldm-128,brain-mri-wdm-128' },
    seeds: { type: 'string', default: '2' },
    root: { type: 'string', default: path.join(repositoryRoot, 'models') },
    reference: { type: 'string', default: '200' },
  },
});
const samplers: SamplerName[] = ['ddim', 'dpmpp-2m'];
const stepCounts = [3, 4, 6, 8, 12, 16, 24, 40, 64];

if (values.out === undefined) throw new Error('--out FILE is needed.');
const out = values.out;
const known = await readFile(out, 'utf8').catch(() => '');
const { packs } = await readPacks([values.root]);
const lease = await leaseInference(new AbortController().signal);
try {
  for (let seed = 0; seed < Number(values.seeds); seed++)
    for (const id of values.models.split(',')) {
      const pack = packs.find(({ manifest }) => manifest.id === id);
      if (pack === undefined) throw new Error(`There is no pack ${id} in ${values.root}.`);
      await casesOf(pack, seed);
    }
} finally {
  lease.release();
  await disposeInference();
}

async function casesOf(pack: ModelPack, seed: number): Promise<void> {
  const { id, intensity } = pack.manifest;
  const wanted = samplers.flatMap((sampler) => stepCounts.map((steps) => ({ sampler, steps })));
  const open = wanted.filter(({ sampler, steps }) => !known.includes(`${id},${sampler},${steps},${seed},`));
  if (open.length === 0) return;
  await lease.load(pack, { provider: 'cpu', encoder: false });
  const reference = await trace(pack, seed, { sampler: 'ddim', steps: Number(values.reference) });
  for (const way of open) {
    const found = await trace(pack, seed, way);
    let squares = 0;
    found.pixels.forEach((value, i) => (squares += (value - reference.pixels[i]!) ** 2));
    const distance = Math.sqrt(squares / found.pixels.length) / (intensity.storedMax - intensity.storedMin);
    const changes = found.changes.map((change) => change.toPrecision(6)).join(';');
    await appendFile(out, `${id},${way.sampler},${way.steps},${seed},${distance.toPrecision(6)},${changes}\n`);
  }
}

function trace(
  { manifest }: ModelPack,
  seed: number,
  { sampler, steps }: { sampler: SamplerName; steps: number },
): ReturnType<InferenceLease['trace']> {
  const label = manifest.conditioning === null ? null : seed % manifest.conditioning.classes.length;
  return lease.trace(
    { sampler, steps, label, guidance: 1, strength: null, inpainting: null },
    { index: 0, seed, slot: 0, source: null, unknown: null },
    { frames: 1, onStep: () => undefined },
  );
}
