import { existsSync } from 'node:fs';
import type { GenerationRequest, RunDetail } from '../../preload/domain.ts';
import type { Lineage, LineageKind, LineageNode } from '../../preload/run-log.ts';
import type { Workspace } from './dependencies.ts';
import { lineageOfReview } from './lineage-review.ts';

/** The image or whole run that is asked about. */
export interface LineageQuery {
  runId: string;
  index: number | null;
}

/** Puts nodes and edges together; each is added once. */
export interface LineageGraph {
  add(node: Partial<LineageNode> & Pick<LineageNode, 'id' | 'kind' | 'title'>): string;
  join(from: string, to: string): void;
  note(sentence: string): void;
}

/** Runs that came of the one asked for are told up to this number. */
const mostFollowing = 60;

/**
 * Where an image came from and what was done with it: source slice, mask and model, the run and its parent, then comparisons,
 * explanations, exports, further runs, reviews and their readers' answers. What a study keeps sealed stays out. Throws UnknownRun.
 */
export async function traceLineage(workspace: Workspace, query: LineageQuery): Promise<Lineage> {
  const { log } = workspace;
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, { from: string; to: string }>();
  const notes = new Set<string>();
  const graph: LineageGraph = {
    add(node) {
      const whole = { detail: '', runId: null, imageIndex: null, missing: false, asked: false, ...node };
      if (!nodes.has(node.id)) nodes.set(node.id, whole);
      return node.id;
    },
    join: (from, to) => void edges.set(`${from} ${to}`, { from, to }),
    note: (sentence) => void notes.add(sentence),
  };
  const run = log.runs.detail(query.runId);
  const from = addRun(workspace, graph, run, query);
  const end = query.index === null ? from : addImage(workspace, graph, { run, from, index: query.index });
  const following = log.runs.linked(run.id);
  const concerned = following.map((id) => log.runs.detail(id)).filter((one) => concerns(one, query));
  for (const one of concerned.slice(0, mostFollowing))
    await addFollowing(workspace, graph, { run: one, from: end, query });
  if (concerned.length > mostFollowing)
    graph.note(`${concerned.length - mostFollowing} further runs that came of this one are not drawn.`);
  return { nodes: [...nodes.values()], edges: [...edges.values()], notes: [...notes] };
}

function addRun(workspace: Workspace, graph: LineageGraph, run: RunDetail, query: LineageQuery): string {
  const asked = query.index === null && run.id === query.runId;
  const id = graph.add({
    id: `run ${run.id}`,
    kind: kindOf(run),
    title: run.title,
    detail: run.id,
    runId: run.id,
    asked,
  });
  const { parentRunId } = run;
  if (parentRunId !== null && workspace.log.runs.exists(parentRunId)) {
    const parent = workspace.log.runs.row(parentRunId);
    graph.join(
      graph.add({
        id: `run ${parent.id}`,
        kind: kindOf(parent),
        title: parent.title,
        detail: 'parent run',
        runId: parent.id,
      }),
      id,
    );
  }
  if (run.kind === 'generation') addSources(workspace, graph, { run, to: id, index: query.index });
  for (const { name, sha256, path } of run.inputs) {
    if (name === 'source' || name === 'mask') continue;
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

/** The slice, or all slices, that image to image started from, and the mask of inpainting. */
function addSources(
  { log, folder }: Workspace,
  graph: LineageGraph,
  { run, to, index }: { run: RunDetail; to: string; index: number | null },
): void {
  const { source, inpaint } = run.parameters as unknown as GenerationRequest;
  if (inpaint !== undefined) {
    const { maskId } = inpaint;
    const missing = !existsSync(folder.mask(maskId));
    graph.join(
      graph.add({ id: `mask ${maskId}`, kind: 'mask', title: 'Mask', detail: maskId.slice(0, 12), missing }),
      to,
    );
  }
  if (source === null) return;
  const { seriesId, sliceIndices } = source;
  const known = log.series.list().find(({ summary }) => summary.id === seriesId)?.summary;
  const title = known === undefined ? 'Series' : known.description || known.modality;
  const series = graph.add({
    id: `series ${seriesId}`,
    kind: 'series',
    title,
    detail: seriesId,
    missing: known === undefined,
  });
  const hash = run.inputs.find(({ name }) => name === 'source')?.sha256.slice(0, 12);
  if (index === null) {
    const slices = sliceIndices.length === 1 ? `Slice ${sliceIndices[0]! + 1}` : `${sliceIndices.length} slices`;
    const node = graph.add({ id: `slices ${run.id}`, kind: 'slice', title: slices, detail: hash ?? '' });
    graph.join(series, node);
    return graph.join(node, to);
  }
  const slice = sliceIndices[index % sliceIndices.length] ?? 0;
  const node = graph.add({
    id: `slice ${seriesId} ${slice}`,
    kind: 'slice',
    title: `Slice ${slice + 1}`,
    detail: hash ?? '',
  });
  graph.join(series, node);
  graph.join(node, to);
}

function addImage(
  { folder }: Workspace,
  graph: LineageGraph,
  { run, from, index }: { run: RunDetail; from: string; index: number },
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
    asked: true,
  });
  graph.join(from, image);
  return image;
}

async function addFollowing(
  workspace: Workspace,
  graph: LineageGraph,
  { run, from, query }: { run: RunDetail; from: string; query: LineageQuery },
): Promise<void> {
  if (run.kind === 'review') return lineageOfReview(workspace, graph, { run, from, query });
  const detail = run.state === 'done' ? run.id : run.state;
  graph.join(from, graph.add({ id: `run ${run.id}`, kind: kindOf(run), title: run.title, detail, runId: run.id }));
}

/** A run that names the image, or the run as a whole; one that names only other images of the run has nothing to do with it. */
function concerns(run: RunDetail, { runId, index }: LineageQuery): boolean {
  if (index === null) return true;
  const named = namedImages(run.parameters).filter((one) => one.runId === runId);
  const indices = named.map((one) => one.index).filter((one) => one !== null);
  return indices.length === 0 || indices.includes(index);
}

/** Every object of the parameters that names a run, with the image of it where it names one. */
function namedImages(value: unknown): { runId: string; index: number | null }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(namedImages);
  if (!('runId' in value) || typeof value.runId !== 'string') return inner;
  const index = 'index' in value && typeof value.index === 'number' ? value.index : null;
  return [{ runId: value.runId, index }, ...inner];
}

function kindOf({ kind }: Pick<RunDetail, 'kind'>): LineageKind {
  const own: Partial<Record<RunDetail['kind'], LineageKind>> = {
    generation: 'run',
    comparison: 'comparison',
    explanation: 'explanation',
    export: 'export',
    review: 'review',
  };
  return own[kind] ?? 'other';
}
