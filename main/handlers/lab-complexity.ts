import type { ComplexityRow } from '../../preload/lab.ts';
import type { ModelPack } from '../engine/packs.ts';
import type { Workspace } from './dependencies.ts';
import { timeOf } from './model-cost.ts';
import { costOf } from './network-cost.ts';

/** Operations, parameters and living values of every pack, counted from its graphs, and the time of a step where this machine knows it. */
export async function complexityTable(workspace: Workspace): Promise<{ rows: ComplexityRow[] }> {
  const { packs } = await workspace.packs.list();
  const rows: ComplexityRow[] = [];
  for (const pack of packs) rows.push(await rowOf(workspace, pack));
  return { rows };
}

async function rowOf(workspace: Workspace, pack: ModelPack): Promise<ComplexityRow> {
  const { id, name, family, image, files } = pack.manifest;
  const denoiser = await costOf(pack, files.denoiser);
  const decoder = files.decoder === undefined ? null : await costOf(pack, files.decoder);
  const encoder = files.encoder === undefined ? null : await costOf(pack, files.encoder);
  const [, ...sample] = Object.values(files.denoiser.inputs).find((shape) => shape.length === 4) ?? [];
  const { secondsPerImage, secondsSource } = timeOf(workspace, {
    ...{ modelId: id, provider: 'cpu', steps: 1, guided: false },
  });
  return {
    modelId: id,
    name,
    family,
    image: `${image.width} × ${image.height} × ${image.channels}`,
    sample: sample.length === 3 ? `${sample[1]} × ${sample[2]} × ${sample[0]}` : '',
    parameters: denoiser.parameters + (decoder?.parameters ?? 0) + (encoder?.parameters ?? 0),
    gflopsPerStep: denoiser.gflops,
    gflopsDecode: decoder?.gflops ?? null,
    activationMb: denoiser.activationMb,
    secondsPerStep: secondsPerImage,
    measuredBy: secondsSource,
  };
}
