import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { PackFile } from './pack-schema.ts';
import type { ModelPack } from './packs.ts';
import { type Network, openNetwork } from './session-network.ts';

/** The loaded networks of a pack. */
export interface DenoiserSession {
  /** What really runs the denoiser; differs from what was asked for only with a warning. */
  provider: ProviderName;
  /** Of all networks. */
  warnings: string[];
  batch: number;
  /** Whether fewer rows than a batch may be run, with the same bytes each. */
  anyCount: boolean;
  /** [batch, channels, height, width], flat. */
  sample: Float32Array;
  /** One timestep for the whole batch. */
  setTimestep(timestep: number): void;
  setLabel(slot: number, label: number): void;
  /** The network's output in the layout of `sample`, for the first `count` rows; the next run overwrites it. Throws InferenceFailed. */
  run(count?: number): Promise<Float32Array>;
  /** The two halves of the autoencoder; null for the families without one. */
  autoencoder: { encoder: Network | null; decoder: Network } | null;
  release(): Promise<void>;
}

/**
 * Loads the pack's denoiser and its decoder where it has one; the encoder, which only image to image needs, on request. A
 * provider that cannot be used gives way to cpu, with a warning. Throws PackInvalid or HashMismatch when a file is wrong.
 */
export async function createSession(
  pack: ModelPack,
  wanted: ProviderName,
  { encoder: withEncoder = false }: { encoder?: boolean } = {},
): Promise<DenoiserSession> {
  const { files, family } = pack.manifest;
  const opened: Network[] = [];
  const open = async (file: PackFile | undefined): Promise<Network> => {
    if (file === undefined) throw new VerisimError('Internal', `A ${family} pack without its autoencoder was trusted.`);
    const network = await openNetwork(pack, file, wanted);
    opened.push(network);
    return network;
  };
  const release = async (): Promise<void> => {
    for (const network of opened.splice(0)) await network.release();
  };
  try {
    const denoiser = await open(files.denoiser);
    const decoder = pack.manifest.autoencoder === null ? null : await open(files.decoder);
    const encoder = decoder === null || !withEncoder ? null : await open(files.encoder);
    const { timestep, label } = denoiser.vectors;
    return {
      provider: denoiser.provider,
      warnings: [...new Set(opened.flatMap(({ warnings }) => warnings))],
      batch: denoiser.batch,
      anyCount: opened.every(({ anyCount }) => anyCount),
      sample: denoiser.input,
      setTimestep: (value) => {
        for (let slot = 0; slot < denoiser.batch; slot++) timestep?.(slot, value);
      },
      setLabel: (slot, value) => label?.(slot, value),
      run: async (count) => {
        await denoiser.run(count);
        return denoiser.output;
      },
      autoencoder: decoder === null ? null : { encoder, decoder },
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}
