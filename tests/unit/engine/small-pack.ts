import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packetBands } from '../../../main/diffusion/wavelets/haar.ts';

/** A folder of its own below the system's temporary folder. */
export function temporaryFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'verisim-packs-'));
}

/** Writes a pack of 8×8 images around one of the ONNX files in fixtures/; `change` edits the manifest before it is written. */
export function writeSmallPack(
  packsFolder: string,
  onnx: Uint8Array | 'whole-timesteps' | 'not-finite' | 'other-batch',
  change: (manifest: SmallManifest) => void = () => undefined,
): string {
  const fixture = path.join(import.meta.dirname, 'fixtures', `${String(onnx)}.onnx`);
  const weights = typeof onnx === 'string' ? readFileSync(fixture) : onnx;
  const manifest = smallManifest(weights);
  change(manifest);
  const folder = path.join(packsFolder, manifest.id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'denoiser.onnx'), weights);
  return folder;
}

export type SmallManifest = ReturnType<typeof smallManifest>;

function smallManifest(weights: Uint8Array) {
  const shape = [4, 16, 2, 2];
  return {
    schema: 1,
    role: 'generator',
    id: 'small',
    version: '1',
    name: 'Small',
    licence: 'CC0-1.0',
    family: 'wdm',
    modality: 'MR',
    anatomy: 'none',
    image: { width: 8, height: 8, channels: 1 },
    intensity: { storedMin: 0, storedMax: 1000, modelMin: -1, modelMax: 1, windowCentre: 500, windowWidth: 1000 },
    schedule: {
      steps: 1000,
      kind: 'cosine',
      betaStart: null as number | null,
      betaEnd: null as number | null,
      prediction: 'v',
      zeroTerminalSnr: false,
    },
    conditioning: null,
    autoencoder: null as null | object,
    wavelet: { name: 'haar', levels: 2, kind: 'packet', bandOrder: packetBands(2), scale: 0.5 } as null | {
      name: string;
      levels: number;
      kind: string;
      bandOrder: string[];
      scale: number;
    },
    sampling: { sampler: 'dpmpp-2m', steps: 4, spacing: 'trailing', guidance: 1, clip: false },
    latent: { width: 2, height: 2, channels: 16 },
    files: {
      denoiser: {
        path: 'denoiser.onnx',
        sha256: createHash('sha256').update(weights).digest('hex'),
        bytes: weights.length,
        batch: 4,
        inputs: { sample: shape, timestep: [4] },
        outputs: { prediction: shape },
      },
    },
    parameters: 1,
    gflopsPerStep: null,
    data: { name: '', licence: '', source: '', images: 0, split: '', trainingListSha256: '0'.repeat(64) },
    training: { optimiserSteps: 0, imagesSeen: 0, hours: 0, hardware: '' },
    quality: [],
    intendedUse: 'Tests.',
    limits: [],
  };
}
