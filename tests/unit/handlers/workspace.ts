import path from 'node:path';
import type { GenerationRequest, ImageSet, RunDetail, SeriesSummary } from '../../../preload/domain.ts';
import { openWorkspace, type Workspace } from '../../../main/handlers/dependencies.ts';
import { createHandlers, type Handlers } from '../../../main/handlers/index.ts';
import { smallPlace, type Place } from '../cli/verisim.ts';
import { writeNiftiFile } from './nifti-file.ts';

export const context = { signal: new AbortController().signal };

export interface Bench {
  place: Place;
  workspace: Workspace;
  handlers: Handlers;
  events: { event: string; payload: unknown }[];
}

/** A real workspace in this process, on a data folder of its own (or the given one). */
export async function openBench(place: Place = smallPlace()): Promise<Bench> {
  const events: Bench['events'] = [];
  const workspace = await openWorkspace({
    dataFolder: place.home,
    applicationRoot: place.root,
    engineHost: 'in-process',
    emit: (event, payload) => events.push({ event, payload }),
  });
  return { place, workspace, handlers: createHandlers(workspace), events };
}

/** Writes a phantom beside the data folder and opens it. */
export async function openPhantom(
  { place, handlers }: Bench,
  { name = 'phantom.nii', seed = 1, slices = 20 } = {},
): Promise<{ seriesId: string; file: string }> {
  const file = path.join(path.dirname(place.home), name);
  writeNiftiFile(file, { seed, slices });
  const { series, skipped } = await handlers['studies.open']({ paths: [file] }, context);
  const [first] = series;
  if (first === undefined) throw new Error(`The phantom was not read: ${JSON.stringify(skipped)}`);
  return { seriesId: first.id, file };
}

/** Writes a set as DICOM into a folder and opens what was written. */
export async function exportedSeries({ handlers }: Bench, set: ImageSet, folder: string): Promise<SeriesSummary[]> {
  const { files } = await handlers['exports.write'](
    { set, format: 'dicom', deidentify: false, folder, originality: { kind: 'unchecked', reason: 'a test' } },
    context,
  );
  return (await handlers['studies.open']({ paths: files }, context)).series;
}

export async function generate(
  { workspace, handlers }: Bench,
  changes: Partial<GenerationRequest> = {},
): Promise<RunDetail> {
  const { runId } = await handlers['runs.generate'](
    {
      modelId: 'small',
      count: 4,
      seed: 3,
      classId: null,
      guidance: 1,
      sampler: 'dpmpp-2m',
      steps: 4,
      provider: 'cpu',
      source: null,
      ...changes,
    },
    context,
  );
  await workspace.queue.finished(runId);
  return handlers['runs.show']({ runId }, context);
}
