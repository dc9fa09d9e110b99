import type { RunDetail } from '../../preload/domain.ts';
import type { ReviewResult } from '../../preload/review.ts';
import { designOf } from './review-design.ts';
import type { Workspace } from './dependencies.ts';
import type { LineageGraph, LineageQuery } from './lineage.ts';
import { openKey } from './review-keys.ts';

/**
 * The study that a run went into; of a closed study also the cases that showed the image and what each reader said. Of an open one
 * only that the run was offered to it: which images were drawn is sealed. Throws what opening the key throws.
 */
export async function lineageOfReview(
  { log, folder }: Workspace,
  graph: LineageGraph,
  { run, from, query }: { run: RunDetail; from: string; query: LineageQuery },
): Promise<void> {
  const review = log.reviews.get(run.id);
  const open = review.closedAt === null || review.sealedKey === null;
  const detail = open ? 'key sealed' : 'closed';
  const node = { id: `run ${run.id}`, kind: 'review' as const, title: run.title, detail, runId: run.id };
  if (open) {
    graph.note(`Which images the study “${run.title}” shows stays sealed until it is closed.`);
    return graph.join(from, graph.add(node));
  }
  if (query.index === null) return graph.join(from, graph.add(node));
  const key = await openKey(folder, review.id, review.sealedKey ?? '');
  const imageId = `output:${query.runId}:${query.index}`;
  const shown = key.images.flatMap((image, number) => (image.imageId === imageId ? [number] : []));
  if (shown.length === 0) return;
  graph.join(from, graph.add(node));
  const design = designOf(review);
  const { items } = run.result as Pick<ReviewResult, 'items'>;
  const readers = new Map(log.reviews.readings(review.id).map(({ id, reader }) => [id, reader.pseudonym]));
  for (const { item, images, answers } of items) {
    if (!images.some(({ number }) => shown.includes(number))) continue;
    for (const { readingId, choice, confidence, elapsedMs } of answers) {
      const answer = graph.add({
        id: `answer ${readingId} ${item}`,
        kind: 'answer',
        title: `${readers.get(readingId) ?? 'Reader'}: ${sayChoice(design.question, choice)}`,
        detail: `confidence ${confidence} of 4 · ${(elapsedMs / 1000).toFixed(1)} s`,
        runId: run.id,
      });
      graph.join(`run ${run.id}`, answer);
    }
  }
}

/** What was read of the study that is asked for itself: who, and how much; what they said stays with the cases. */
export function addReadings(
  { log }: Workspace,
  graph: LineageGraph,
  { run, from }: { run: RunDetail; from: string },
): void {
  for (const { id, reader, session, answered, finishedAt } of log.reviews.readings(run.id)) {
    const title = `${reader.pseudonym}${session > 1 ? `, session ${session}` : ''}`;
    const detail = `${answered} answers${finishedAt === null ? ', not finished' : ''}`;
    graph.join(from, graph.add({ id: `reading ${id}`, kind: 'reading', title, detail, runId: run.id }));
  }
}

function sayChoice(question: ReviewResult['question'], choice: number): string {
  if (question === 'real-or-synthetic') return choice === 1 ? 'synthetic' : 'real';
  if (question === 'lesion') return choice === 1 ? 'lesion present' : 'no lesion';
  if (question === 'quality') return `quality ${choice} of 5`;
  return `image ${choice + 1} of the case`;
}
