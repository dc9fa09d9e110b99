import path from 'node:path';
import type { RunDetail } from '../../preload/domain.ts';
import type { Lineage, LineageNode } from '../../preload/run-log.ts';
import type { Workspace } from './dependencies.ts';
import { addReadings, lineageOfReview } from './lineage-review.ts';
import { addImage, addRun, kindOf, namedImages } from './lineage-sources.ts';

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
 * explanations, evaluations, exports, further runs, reviews and their readers' answers. Of any other run: what it was made of, back
 * to slices and models. What a study keeps sealed stays out. Throws UnknownRun.
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
  const { index } = query;
  const from = addRun(workspace, graph, { run, index, asked: index === null });
  const end = index === null ? from : addImage(workspace, graph, { run, from, index, asked: true });
  if (run.kind === 'review') addReadings(workspace, graph, { run, from: end });
  const following = log.runs.linked(run.id).filter((id) => id !== run.id);
  const concerned = following.map((id) => log.runs.detail(id)).filter((one) => concerns(one, query));
  for (const one of concerned.slice(0, mostFollowing))
    await addFollowing(workspace, graph, { run: one, from: end, query });
  if (concerned.length > mostFollowing)
    graph.note(`${concerned.length - mostFollowing} further runs that came of this one are not drawn.`);
  return { nodes: [...nodes.values()], edges: [...edges.values()], notes: [...notes] };
}

async function addFollowing(
  workspace: Workspace,
  graph: LineageGraph,
  { run, from, query }: { run: RunDetail; from: string; query: LineageQuery },
): Promise<void> {
  if (run.kind === 'review') return lineageOfReview(workspace, graph, { run, from, query });
  const detail = run.state === 'done' ? (exportedFile(run, query) ?? run.id) : run.state;
  graph.join(from, graph.add({ id: `run ${run.id}`, kind: kindOf(run), title: run.title, detail, runId: run.id }));
}

/** Name and hash of the file that an image left as. */
function exportedFile({ kind, outputs }: RunDetail, { index }: LineageQuery): string | null {
  if (kind !== 'export' || index === null) return null;
  const file = outputs.find((output) => output.index === index);
  return file === undefined ? null : `${path.basename(file.path)} · ${file.sha256.slice(0, 12)}`;
}

/**
 * A run that names the image, or the run as a whole; one that names only other images of the run has nothing to do with it, nor has an
 * export that left it out.
 */
function concerns(run: RunDetail, { runId, index }: LineageQuery): boolean {
  if (index === null) return true;
  if (run.kind === 'export' && run.state === 'done' && !run.outputs.some((output) => output.index === index))
    return false;
  const named = namedImages(run.parameters).filter((one) => one.runId === runId);
  const indices = named.map((one) => one.index).filter((one) => one !== null);
  return indices.length === 0 || indices.includes(index);
}
