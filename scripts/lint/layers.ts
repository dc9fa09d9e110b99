/**
 * Who may import whom (the folder table of the design), as data. A file belongs to the longest `at` that its path starts
 * with; a folder may always import itself. `may` names folders and files of this repository, `types` those of
 * which only types may be taken, `packages` npm packages (`scope/*` for a scope, `node:*` for Node's own modules).
 */
export interface Layer {
  at: string;
  may: readonly string[];
  types?: readonly string[];
  packages: readonly string[];
  /** Shown with a violation. */
  why: string;
}

const shared = [
  'preload/windows.ts',
  'preload/overlays.ts',
  'preload/domain.ts',
  'preload/samplers.ts',
  'preload/generation-request.ts',
  'preload/annotations.ts',
  'preload/deidentify.ts',
  'preload/run-preview.ts',
  'preload/models.ts',
  'preload/benchmark.ts',
  'preload/evaluation.ts',
  'preload/lab.ts',
  'preload/measure.ts',
  'preload/originality.ts',
  'preload/review.ts',
  'preload/review-questions.ts',
  'preload/head-to-head.ts',
  'preload/explain.ts',
  'preload/usefulness.ts',
  'preload/run-log.ts',
  'preload/slides.ts',
  'preload/errors.ts',
];
const windowShared = [...shared, 'preload/addresses.ts'];

export const layers: readonly Layer[] = [
  { at: 'preload/samplers.ts', may: [], packages: [], why: 'The names of the samplers stand alone.' },
  {
    at: 'preload/generation-request.ts',
    may: [],
    types: ['preload/samplers.ts'],
    packages: [],
    why: 'What is asked for knows the names of the samplers only.',
  },
  { at: 'preload/deidentify.ts', may: [], packages: [], why: 'What may be kept of an identity stands alone.' },
  { at: 'preload/run-preview.ts', may: [], packages: [], why: 'What is sent of a preview stands alone.' },
  { at: 'preload/windows.ts', may: [], packages: [], why: 'How values become brightness stands alone.' },
  {
    at: 'preload/overlays.ts',
    may: [],
    types: ['preload/domain.ts'],
    packages: [],
    why: 'What lies over images stands on the shared types.',
  },
  {
    at: 'preload/domain.ts',
    may: [],
    types: ['preload/generation-request.ts', 'preload/samplers.ts', 'preload/slides.ts', 'preload/windows.ts'],
    packages: [],
    why: 'Shared plain types stand alone.',
  },
  {
    at: 'preload/benchmark.ts',
    may: [],
    types: ['preload/domain.ts', 'preload/samplers.ts'],
    packages: [],
    why: 'What a benchmark tells stands on the shared types.',
  },
  {
    at: 'preload/models.ts',
    may: [],
    types: ['preload/domain.ts'],
    packages: [],
    why: 'What is said of models stands on the shared types.',
  },
  {
    at: 'preload/evaluation.ts',
    may: [],
    types: ['preload/domain.ts'],
    packages: [],
    why: 'What an evaluation says stands on the shared types.',
  },
  {
    at: 'preload/measure.ts',
    may: [],
    types: ['preload/domain.ts', 'preload/evaluation.ts'],
    packages: [],
    why: 'What is said of measured sets stands on the shared types.',
  },
  {
    at: 'preload/lab.ts',
    may: [],
    types: ['preload/domain.ts'],
    packages: [],
    why: 'What experiments on images say stands on the shared types.',
  },
  {
    at: 'preload/originality.ts',
    may: [],
    types: ['preload/domain.ts', 'preload/measure.ts'],
    packages: [],
    why: 'What is said of copies stands on what a set is.',
  },
  {
    at: 'preload/head-to-head.ts',
    may: [],
    types: ['preload/domain.ts', 'preload/evaluation.ts', 'preload/samplers.ts'],
    packages: [],
    why: 'What a comparison of packs holds stands on the shared types.',
  },
  {
    at: 'preload/usefulness.ts',
    may: [],
    types: ['preload/measure.ts'],
    packages: [],
    why: 'What probes and tests of usefulness say stands on what a verdict is.',
  },
  { at: 'preload/slides.ts', may: [], packages: [], why: 'What is said of slides stands alone.' },
  {
    at: 'preload/explain.ts',
    may: [],
    types: ['preload/domain.ts'],
    packages: [],
    why: 'What is said of one image stands on the shared types.',
  },
  {
    at: 'preload/review.ts',
    may: [],
    types: ['preload/domain.ts', 'preload/measure.ts', 'preload/slides.ts'],
    packages: [],
    why: 'What a blind review says stands on the shared types.',
  },
  {
    at: 'preload/review-questions.ts',
    may: [],
    types: ['preload/review.ts'],
    packages: [],
    why: 'How questions are asked stands on what a review says.',
  },
  {
    at: 'preload/run-log.ts',
    may: [],
    types: ['preload/domain.ts'],
    packages: [],
    why: 'What is said of the log stands on the shared types.',
  },
  {
    at: 'preload/annotations.ts',
    may: [],
    types: ['preload/domain.ts'],
    packages: [],
    why: 'What readers draw stands on the shared types.',
  },
  { at: 'preload/errors.ts', may: ['preload/domain.ts'], packages: [], why: 'The error vocabulary stands alone.' },
  { at: 'preload/addresses.ts', may: [], packages: [], why: 'Addresses serve the sandboxed window too.' },
  { at: 'preload/channels.ts', may: [], packages: [], why: 'Channel names serve the sandboxed preload script too.' },
  { at: 'preload/calls/', may: shared, packages: ['zod'], why: 'Calls know shared types and zod only.' },
  {
    at: 'preload/contract.ts',
    may: ['preload/calls/', ...shared],
    packages: ['zod'],
    why: 'The contract knows shared types and zod only.',
  },
  {
    at: 'preload/index.ts',
    may: ['preload/channels.ts'],
    types: [
      'preload/contract.ts',
      'preload/annotations.ts',
      'preload/domain.ts',
      'preload/overlays.ts',
      'preload/windows.ts',
      'preload/samplers.ts',
      'preload/run-preview.ts',
      'preload/models.ts',
      'preload/slides.ts',
    ],
    packages: ['electron'],
    why: 'The preload script is sandboxed: Electron and the contract’s types, no zod.',
  },
  {
    at: 'main/app/',
    may: ['main/handlers/', 'preload/'],
    packages: ['electron', 'node:*'],
    why: 'The application process holds windows and relays calls; work and native modules live in the engine.',
  },
  {
    at: 'main/cli/',
    may: ['main/handlers/', ...shared],
    packages: ['node:*'],
    why: 'The command line goes through the same handlers as the window.',
  },
  {
    at: 'main/handlers/',
    may: [
      'main/engine/',
      'main/diffusion/',
      'main/evaluation/',
      'main/review/',
      'main/imaging/',
      'main/log/',
      'preload/contract.ts',
      'package.json',
      ...shared,
    ],
    packages: ['umap-js', 'node:*'],
    why: 'Use cases stand on everything below and never on Electron or the window.',
  },
  {
    at: 'main/engine/process.ts',
    may: ['main/handlers/', 'preload/contract.ts', ...shared],
    packages: ['node:*'],
    why: 'The engine’s entry puts handlers and messages together, nothing else.',
  },
  {
    at: 'main/engine/',
    may: ['main/diffusion/', 'main/imaging/', 'main/log/', ...shared],
    packages: ['onnxruntime-node', 'zod', 'node:*'],
    why: 'The engine knows model packs, sessions and the queue; use cases live in handlers.',
  },
  { at: 'main/diffusion/', may: shared, packages: [], why: 'Diffusion is pure mathematics.' },
  { at: 'main/evaluation/', may: shared, packages: [], why: 'Evaluation is pure mathematics.' },
  { at: 'main/review/', may: shared, packages: [], why: 'Study design and statistics are pure.' },
  {
    at: 'main/imaging/',
    may: shared,
    packages: [
      'dicom-parser',
      'dcmjs/dictionary',
      'dcmjs-codecs',
      '@cornerstonejs/codec-libjxl/decodewasmjs',
      '@cornerstonejs/calculate-suv',
      'h5wasm/node',
      'sharp',
      'yauzl',
      'node:*',
    ],
    why: 'Imaging turns bytes into volumes and knows nobody above it.',
  },
  {
    at: 'main/log/',
    may: shared,
    packages: ['better-sqlite3', 'node:*'],
    why: 'The log knows SQLite and shared types only.',
  },
  {
    at: 'renderer/client.ts',
    may: [...windowShared],
    types: ['preload/contract.ts'],
    packages: [],
    why: 'The client is the window’s only door; zod stays outside the window.',
  },
  {
    at: 'renderer/state/',
    may: ['renderer/client.ts', ...windowShared],
    types: ['preload/contract.ts'],
    packages: ['svelte', 'svelte/*'],
    why: 'State speaks through the client and never draws.',
  },
  {
    at: 'renderer/viewer/',
    may: ['renderer/client.ts', ...windowShared],
    packages: ['@cornerstonejs/*', 'openseadragon', 'svelte', 'svelte/*'],
    why: 'The viewer is the only folder that knows Cornerstone and OpenSeadragon, and it knows no screen.',
  },
  {
    at: 'renderer/components/',
    may: ['renderer/state/', 'renderer/viewer/', 'renderer/client.ts', ...windowShared],
    packages: ['@observablehq/plot', 'svelte', 'svelte/*', '@lucide/svelte', '@lucide/svelte/*'],
    why: 'Components stand on state and viewer.',
  },
  {
    at: 'renderer/views/',
    may: ['renderer/state/', 'renderer/viewer/', 'renderer/components/', 'renderer/client.ts', ...windowShared],
    packages: ['svelte', 'svelte/*', '@lucide/svelte', '@lucide/svelte/*'],
    why: 'A screen is put together from state, viewer and components.',
  },
  {
    at: 'renderer/',
    may: ['renderer/', ...windowShared],
    packages: ['svelte', 'svelte/*', '@lucide/svelte', '@lucide/svelte/*'],
    why: 'The window reaches the rest of the application through the client only.',
  },
];

/** The layer of a repository path with forward slashes, or undefined where no rule applies (scripts, tests). */
export function layerOf(path: string): Layer | undefined {
  return layers.filter(({ at }) => path.startsWith(at)).sort((a, b) => b.at.length - a.at.length)[0];
}
