import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { layers } from '../../../scripts/lint/layers.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const eslint = new ESLint({
  cwd: root,
  ruleFilter: ({ ruleId }) => ruleId === 'verisim/layers',
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});

/** For every row of the table: a file in it, and imports that it must not make. */
const forbidden: Record<string, { file: string; imports: string[] }> = {
  'preload/domain.ts': {
    file: 'preload/domain.ts',
    imports: ["import { z } from 'zod'", "import type { ErrorTag } from './errors.ts'"],
  },
  'preload/errors.ts': {
    file: 'preload/errors.ts',
    imports: ["import { z } from 'zod'", "import { calls } from './contract.ts'"],
  },
  'preload/samplers.ts': { file: 'preload/samplers.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/generation-request.ts': {
    file: 'preload/generation-request.ts',
    imports: ["import { z } from 'zod'", "import type { RunRow } from './domain.ts'"],
  },
  'preload/run-preview.ts': {
    file: 'preload/run-preview.ts',
    imports: ["import type { RunRow } from './domain.ts'"],
  },
  'preload/models.ts': {
    file: 'preload/models.ts',
    imports: ["import { z } from 'zod'", "import { calls } from './contract.ts'"],
  },
  'preload/evaluation.ts': { file: 'preload/evaluation.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/head-to-head.ts': { file: 'preload/head-to-head.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/usefulness.ts': { file: 'preload/usefulness.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/slides.ts': { file: 'preload/slides.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/explain.ts': { file: 'preload/explain.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/benchmark.ts': {
    file: 'preload/benchmark.ts',
    imports: ["import { z } from 'zod'", "import { calls } from './contract.ts'"],
  },
  'preload/windows.ts': { file: 'preload/windows.ts', imports: ["import type { Vector3 } from './domain.ts'"] },
  'preload/overlays.ts': { file: 'preload/overlays.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/review.ts': { file: 'preload/review.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/review-questions.ts': {
    file: 'preload/review-questions.ts',
    imports: ["import { calls } from './contract.ts'"],
  },
  'preload/run-log.ts': { file: 'preload/run-log.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/annotations.ts': { file: 'preload/annotations.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/deidentify.ts': { file: 'preload/deidentify.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/lab.ts': { file: 'preload/lab.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/measure.ts': { file: 'preload/measure.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/originality.ts': { file: 'preload/originality.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/addresses.ts': { file: 'preload/addresses.ts', imports: ["import { calls } from './contract.ts'"] },
  'preload/channels.ts': { file: 'preload/channels.ts', imports: ["import { ipcMain } from 'electron'"] },
  'preload/calls/': { file: 'preload/calls/runs.ts', imports: ["import { calls } from '../contract.ts'"] },
  'preload/contract.ts': {
    file: 'preload/contract.ts',
    imports: ["import { app } from 'electron'", "import { readFileSync } from 'node:fs'"],
  },
  'preload/index.ts': {
    file: 'preload/index.ts',
    imports: ["import { calls } from './contract.ts'", "import { readFileSync } from 'node:fs'"],
  },
  'main/app/': {
    file: 'main/app/window.ts',
    imports: [
      "import Database from 'better-sqlite3'",
      "import { loadVolume } from '../imaging/load.ts'",
      "import 'onnxruntime-node'",
    ],
  },
  'main/cli/': {
    file: 'main/cli/generate.ts',
    imports: ["import { app } from 'electron'", "import { openLog } from '../log/database.ts'"],
  },
  'main/handlers/': {
    file: 'main/handlers/runs.ts',
    imports: ["import { app } from 'electron'", "import { client } from '../../renderer/client.ts'"],
  },
  'main/engine/process.ts': {
    file: 'main/engine/process.ts',
    imports: ["import { app } from 'electron'", "import 'onnxruntime-node'"],
  },
  'main/engine/': {
    file: 'main/engine/session.ts',
    imports: ["import { createHandlers } from '../handlers/index.ts'", "import 'electron'"],
  },
  'main/diffusion/': {
    file: 'main/diffusion/samplers/ddim.ts',
    imports: ["import { readFile } from 'node:fs/promises'", "import { readPacks } from '../../engine/packs.ts'"],
  },
  'main/evaluation/': {
    file: 'main/evaluation/similarity.ts',
    imports: ["import { join } from 'path'", "import { loadVolume } from '../imaging/load.ts'"],
  },
  'main/review/': {
    file: 'main/review/design.ts',
    imports: ["import { createHash } from 'node:crypto'", "import { openLog } from '../log/database.ts'"],
  },
  'main/imaging/': {
    file: 'main/imaging/export/dicom.ts',
    imports: ["import { openLog } from '../../log/database.ts'", "import 'onnxruntime-node'"],
  },
  'main/log/': {
    file: 'main/log/runs.ts',
    imports: ["import { loadVolume } from '../imaging/load.ts'", "import 'electron'"],
  },
  'renderer/client.ts': {
    file: 'renderer/client.ts',
    imports: ["import { calls } from '../preload/contract.ts'", "import { readFileSync } from 'node:fs'"],
  },
  'renderer/state/': {
    file: 'renderer/state/runs.svelte.ts',
    imports: ["import { Enums } from '@cornerstonejs/core'", "import Runs from '../views/Runs.svelte'"],
  },
  'renderer/viewer/': {
    file: 'renderer/viewer/viewports.ts',
    imports: ["import { studies } from '../state/studies.svelte.ts'", "import 'node:fs'"],
  },
  'renderer/components/': {
    file: 'renderer/components/Badge.ts',
    imports: ["import { Enums } from '@cornerstonejs/core'", "import Runs from '../views/Runs.svelte'"],
  },
  'renderer/views/': {
    file: 'renderer/views/Runs.ts',
    imports: [
      "import { Enums } from '@cornerstonejs/tools'",
      "import { createHandlers } from '../../main/handlers/index.ts'",
    ],
  },
  'renderer/': {
    file: 'renderer/main.ts',
    imports: [
      "import { createHandlers } from '../main/handlers/index.ts'",
      "import { Enums } from '@cornerstonejs/core'",
    ],
  },
};

async function violations(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code};\n`, { filePath: join(root, file) });
  return (result?.messages ?? []).map(({ message }) => message);
}

describe('the layer table', () => {
  it('has a forbidden import to prove every row', () => {
    expect(Object.keys(forbidden).sort()).toEqual(layers.map(({ at }) => at).sort());
  });

  for (const [at, { file, imports }] of Object.entries(forbidden)) {
    for (const code of imports) {
      it(`${at} refuses: ${code}`, async () => {
        expect(await violations(file, code)).toEqual([expect.stringContaining(`${at} may not import`)]);
      });
    }
  }

  it('sees exports from, dynamic imports and imports inside a Svelte component', async () => {
    expect(await violations('main/log/runs.ts', "export { x } from '../imaging/load.ts'")).toHaveLength(1);
    expect(await violations('main/log/runs.ts', "await import('../imaging/load.ts')")).toHaveLength(1);
    const component = '<script lang="ts">import { Enums } from \'@cornerstonejs/core\'; void Enums;</script>';
    const [result] = await eslint.lintText(component, { filePath: join(root, 'renderer/views/Runs.svelte') });
    expect(result?.messages).toHaveLength(1);
  });

  it('lets the allowed ones through', async () => {
    expect(await violations('main/handlers/runs.ts', "import { readPacks } from '../engine/packs.ts'")).toEqual([]);
    expect(await violations('renderer/viewer/viewports.ts', "import { Enums } from '@cornerstonejs/core'")).toEqual([]);
    expect(await violations('preload/index.ts', "import type { CallName } from './contract.ts'")).toEqual([]);
  });
});
