import type { RunDetail } from '../../preload/domain.ts';
import type { Workspace } from './dependencies.ts';
import { factsOf, loadImage, loadPicture } from './images.ts';
import { type ReviewSet, type SetContext, wrongClass } from './review-set.ts';

/** What a generation made. Throws UnknownRun, UnknownImage, and InvalidInput for the real set. */
export function openRunSet(workspace: Workspace, runId: string, { truth, signal }: SetContext): ReviewSet {
  const run = workspace.log.runs.detail(runId);
  const { width, height, channels } = factsOf(run).model.image;
  if (truth === 'real') throw wrongClass(`Run ${runId} holds synthetic images`, 'real', 'synthetic');
  const outputs = new Map(
    workspace.log.runs.outputs(runId).map(({ index, seed }) => [idOf(runId, index), { index, seed }]),
  );
  return {
    name: run.title,
    truth,
    isColour: channels === 3,
    sizes: [{ width, height, micronsPerPixel: null }],
    isUnmarked: false,
    candidates: () => Promise.resolve([...outputs.keys()].map((id) => ({ id, patient: id, group: groupOfRun(run) }))),
    async image(id) {
      const { index, seed } = outputs.get(id) ?? { index: 0, seed: null };
      if (channels === 3) {
        const title = `Image ${index + 1}, seed ${seed ?? 'unknown'}, run ${runId}`;
        return { title, picture: await loadPicture(workspace, runId, index), micronsPerPixel: null };
      }
      const { pixels, title } = await loadImage(workspace, { kind: 'output', runId, index }, signal);
      return { pixels, title: `${title}, run ${runId}` };
    },
  };
}

const idOf = (runId: string, index: number) => `output:${runId}:${index}`;

/** The model and, where one was asked for, its class. */
function groupOfRun({ modelId, parameters }: RunDetail): string {
  const { classId } = parameters;
  return typeof classId === 'string' ? `${modelId ?? 'synthetic'}, ${classId}` : (modelId ?? 'synthetic');
}
