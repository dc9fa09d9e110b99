import type { ProviderName } from '../../preload/domain.ts';
import type { SerialisedError } from '../../preload/errors.ts';
import type { BatchImage, BatchPreview, BatchResult, SamplingSettings } from './generate-batch.ts';
import type { DecodeRequest } from './decode-region.ts';
import type { BlockRequest, BlockResult } from './generate-block.ts';
import type { ModelPack } from './packs.ts';
import type { RegionPicture } from './region-picture.ts';
import type { ImageTrace } from './trace-image.ts';

/** What inference.ts and its thread, session-worker.ts, say to each other. One request is answered before the next. */
export type WorkerRequest =
  | { kind: 'load'; pack: ModelPack; provider: ProviderName; encoder: boolean }
  | { kind: 'batch'; settings: SamplingSettings; images: BatchImage[]; previews: boolean }
  | { kind: 'trace'; settings: SamplingSettings; image: BatchImage; frames: number }
  | { kind: 'encode'; images: Float32Array[] }
  | { kind: 'decode'; latents: Float64Array[] }
  | { kind: 'block'; request: BlockRequest }
  | { kind: 'decode-region'; request: DecodeRequest }
  | { kind: 'end' };

export type WorkerReply =
  | { kind: 'loaded'; provider: ProviderName; warnings: string[]; seconds: number }
  | { kind: 'step'; done: number; total: number }
  | { kind: 'preview'; preview: BatchPreview }
  | { kind: 'batch'; result: BatchResult }
  | { kind: 'trace'; trace: ImageTrace }
  | { kind: 'encode'; latents: Float64Array[] }
  | { kind: 'decode'; images: Float32Array[] }
  | { kind: 'block'; result: BlockResult }
  | { kind: 'decode-region'; picture: RegionPicture }
  | { kind: 'stopped' }
  | { kind: 'failed'; error: SerialisedError };

export interface WorkerSetup {
  /** An Int32Array shared by both threads; `flag` names its elements. */
  flags: SharedArrayBuffer;
}

/** stop: 1 asks the loop to end before its next step. busy: 1 from the sending of a request until its reply. */
export const flag = { stop: 0, busy: 1 } as const;
