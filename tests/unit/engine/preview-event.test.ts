import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RunPreview } from '../../../preload/run-preview.ts';
import { openWorkspace, type WorkspaceOptions } from '../../../main/handlers/dependencies.ts';
import { createHandlers } from '../../../main/handlers/index.ts';
import { decodePng } from '../../../main/imaging/png.ts';
import { realPlace } from '../cli/verisim.ts';
import { context } from '../handlers/workspace.ts';

const absent = !existsSync('models/brain-mri-wdm-128/model.json');

/** The previews of one run of two images. */
async function previewsOf(engineHost: WorkspaceOptions['engineHost']): Promise<RunPreview[]> {
  const previews: RunPreview[] = [];
  const { home, root } = realPlace();
  const workspace = await openWorkspace({
    dataFolder: home,
    applicationRoot: root,
    engineHost,
    emit: (event, payload) => void (event === 'runs.preview' && previews.push(payload as RunPreview)),
  });
  const { runId } = await createHandlers(workspace)['runs.generate'](
    {
      modelId: 'brain-mri-wdm-128',
      count: 2,
      seed: 3,
      classId: null,
      guidance: 1,
      sampler: 'ddim',
      steps: 24,
      provider: 'cpu',
      source: null,
    },
    context,
  );
  expect(await workspace.queue.finished(runId)).toMatchObject({ state: 'done', outputCount: 2 });
  expect(previews.every((preview) => preview.runId === runId)).toBe(true);
  await workspace.close();
  return previews;
}

it.skipIf(absent)(
  'the window is shown the denoising of every image, the command line is not (needs models/brain-mri-wdm-128)',
  { timeout: 240_000 },
  async () => {
    const previews = await previewsOf('node');
    expect([...new Set(previews.map(({ index }) => index))].sort()).toEqual([0, 1]);
    expect(previews.length).toBeLessThanOrEqual(2 * 7);
    for (const { step, steps, png } of previews) {
      expect([step % 3, steps]).toEqual([0, 24]);
      expect(decodePng(Buffer.from(png, 'base64'))).toMatchObject({ width: 128, height: 128, channels: 1, depth: 8 });
    }
    const distinct = new Set(previews.map(({ png }) => png));
    expect(distinct.size).toBe(previews.length);
    expect(await previewsOf('in-process')).toEqual([]);
  },
);
