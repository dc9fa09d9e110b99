import { existsSync } from 'node:fs';
import type { GenerationRequest, RunDetail } from '../../preload/domain.ts';
import type { LineageKind } from '../../preload/run-log.ts';
import type { Workspace } from './dependencies.ts';
import type { LineageGraph } from './lineage.ts';

/** Runs, images and slices that one run was made of are drawn up to this number. */
const mostUsed = 40;

/** A run with all that it was made of; `index` is the image of it that is spoken of, null the whole run. Returns its node. */
export function addRun(
  workspace: Workspace,
  graph: LineageGraph,
  { run, index, asked }: { run: RunDetail; index: number | null; asked: boolean },
): string {
  const { title, parentRunId } = run;
  const id = graph.add({ id: `run ${run.id}`, kind: kindOf(run), title, detail: run.id, runId: run.id, asked });
  if (run.kind === 'generation') addSources(workspace, graph, { run, to: id, index });
  else addUsed(workspace, graph, { run, to: id });
  if (parentRunId !== null && workspace.log.runs.exists(parentRunId)) {
    const parent = workspace.log.runs.row(parentRunId);
    const node = { id: `run ${parent.id}`, kind: kindOf(parent), title: parent.title, runId: parent.id };
    graph.join(graph.add({ ...node, detail: 'parent run' }), id);
  }
  for (const { name, sha256, path } of run.inputs) {
    if (name === 'source' || name === 'mask') continue;
    if (run.kind === 'tiling') {
      const slide = { id: `slide ${sha256}`, kind: 'series' as const, title: name, detail: 'slide' };
      graph.join(graph.add({ ...slide, missing: !existsSync(path) }), id);
      continue;
    }
    const model = graph.add({
      id: `model ${run.modelId ?? sha256}`,
      kind: 'model',
      title: run.modelId ?? name,
      detail: `version ${run.versions.model ?? 'unknown'}`,
      missing: !existsSync(path),
    });
    graph.join(model, id);
  }
  return id;
}

/** One image of a run; returns its node. */
export function addImage(
  { folder }: Workspace,
  graph: LineageGraph,
  { run, from, index, asked }: { run: RunDetail; from: string; index: number; asked: boolean },
): string {
  const output = run.outputs.find((one) => one.index === index);
  const image = graph.add({
    id: `image ${run.id} ${index}`,
    kind: 'image',
    title: `Image ${index + 1}`,
    detail: output === undefined ? 'not made' : `seed ${output.seed ?? '–'} · ${output.sha256.slice(0, 12)}`,
    runId: run.id,
    imageIndex: index,
    missing: !existsSync(folder.runOutput(run.id, index)),
    asked,
  });
  graph.join(from, image);
  return image;
}

/** Every object of the parameters that names a run, with the image of it where it names one. */
export function namedImages(parameters: unknown): { runId: string; index: number | null }[] {
  return named(parameters, 'runId', 'index').map(({ id, number }) => ({ runId: id, index: number }));
}

export function kindOf({ kind }: Pick<RunDetail, 'kind'>): LineageKind {
  const own: Partial<Record<RunDetail['kind'], LineageKind>> = {
    generation: 'run',
    comparison: 'comparison',
    explanation: 'explanation',
    evaluation: 'evaluation',
    originality: 'originality',
    export: 'export',
    review: 'review',
  };
  return own[kind] ?? 'other';
}

/** The slice, or all slices, that image to image started from, and the mask of inpainting. */
function addSources(
  workspace: Workspace,
  graph: LineageGraph,
  { run, to, index }: { run: RunDetail; to: string; index: number | null },
): void {
  const { source, inpaint } = run.parameters as unknown as GenerationRequest;
  if (inpaint !== undefined) {
    const { maskId } = inpaint;
    const missing = !existsSync(workspace.folder.mask(maskId));
    const mask = { id: `mask ${maskId}`, kind: 'mask' as const, title: 'Mask', detail: maskId.slice(0, 12), missing };
    graph.join(graph.add(mask), to);
  }
  if (source === null) return;
  const { seriesId, sliceIndices } = source;
  const series = addSeries(workspace, graph, seriesId);
  const detail = run.inputs.find(({ name }) => name === 'source')?.sha256.slice(0, 12) ?? '';
  if (index === null && sliceIndices.length > 1) {
    const title = `${sliceIndices.length} slices`;
    const slices = graph.add({ id: `slices ${run.id}`, kind: 'slice', title, detail });
    graph.join(series, slices);
    return graph.join(slices, to);
  }
  const sliceIndex = sliceIndices[(index ?? 0) % sliceIndices.length] ?? 0;
  graph.join(addSlice(graph, { series, seriesId, sliceIndex, detail }), to);
}

/** The images, runs and slices that a comparison, evaluation, export, review … was made of, each with its own sources. */
function addUsed(workspace: Workspace, graph: LineageGraph, { run, to }: { run: RunDetail; to: string }): void {
  const { log } = workspace;
  const used = namedImages(run.parameters).filter(({ runId }) => runId !== run.id && log.runs.exists(runId));
  for (const { runId, index } of used.slice(0, mostUsed)) {
    const made = log.runs.detail(runId);
    const from = addRun(workspace, graph, { run: made, index, asked: false });
    graph.join(index === null ? from : addImage(workspace, graph, { run: made, from, index, asked: false }), to);
  }
  const slices = named(run.parameters, 'seriesId', 'sliceIndex');
  for (const { id: seriesId, number } of slices.slice(0, mostUsed)) {
    const series = addSeries(workspace, graph, seriesId);
    graph.join(number === null ? series : addSlice(graph, { series, seriesId, sliceIndex: number, detail: '' }), to);
  }
  const more = Math.max(0, used.length - mostUsed) + Math.max(0, slices.length - mostUsed);
  if (more > 0) graph.note(`${more} further things that “${run.title}” was made of are not drawn.`);
}

function addSeries({ log }: Workspace, graph: LineageGraph, seriesId: string): string {
  const known = log.series.list().find(({ summary }) => summary.id === seriesId)?.summary;
  const title = known === undefined ? 'Series' : known.description || known.modality;
  return graph.add({ id: `series ${seriesId}`, kind: 'series', title, detail: seriesId, missing: known === undefined });
}

function addSlice(
  graph: LineageGraph,
  slice: { series: string; seriesId: string; sliceIndex: number; detail: string },
): string {
  const { series, seriesId, sliceIndex, detail } = slice;
  const id = graph.add({
    id: `slice ${seriesId} ${sliceIndex}`,
    kind: 'slice',
    title: `Slice ${sliceIndex + 1}`,
    detail,
  });
  graph.join(series, id);
  return id;
}

/** Every object in `value` that has the text `key`, with the number `part` where it has one. */
function named(value: unknown, key: string, part: string): { id: string; number: number | null }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap((one) => named(one, key, part));
  const { [key]: id, [part]: number } = value as Record<string, unknown>;
  return typeof id === 'string' ? [{ id, number: typeof number === 'number' ? number : null }, ...inner] : inner;
}
