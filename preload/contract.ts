import type { z } from 'zod';
import { annotationsCalls } from './calls/annotations.ts';
import { applicationCalls } from './calls/application.ts';
import { comparisonsCalls } from './calls/comparisons.ts';
import { explainCalls } from './calls/explain.ts';
import { exportsCalls } from './calls/exports.ts';
import { labCalls } from './calls/lab.ts';
import { logCalls } from './calls/log.ts';
import { measureCalls } from './calls/measure.ts';
import { modelsCalls } from './calls/models.ts';
import { originalityCalls } from './calls/originality.ts';
import { reviewsCalls } from './calls/reviews.ts';
import { runsCalls } from './calls/runs.ts';
import { slidesCalls } from './calls/slides.ts';
import { studiesCalls } from './calls/studies.ts';
import { usefulnessCalls } from './calls/usefulness.ts';
import type * as d from './domain.ts';
import type { LogCheck } from './run-log.ts';
import type { RunPreview } from './run-preview.ts';

/**
 * Every call (name → zod input, TypeScript output) and every event between the window, the application process
 * and the engine. Inputs are parsed where they arrive, in main and in the engine; outputs are our own and typed only.
 */
export const calls = {
  ...applicationCalls,
  ...studiesCalls,
  ...slidesCalls,
  ...modelsCalls,
  ...runsCalls,
  ...logCalls,
  ...comparisonsCalls,
  ...explainCalls,
  ...labCalls,
  ...measureCalls,
  ...originalityCalls,
  ...usefulnessCalls,
  ...reviewsCalls,
  ...exportsCalls,
  ...annotationsCalls,
};

export type CallName = keyof typeof calls;
export type CallInput<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
export type CallParsed<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
export type CallOutput<Name extends CallName> = NonNullable<(typeof calls)[Name]['output']>;

/** Events go one way, from the engine to every window. */
export interface Events {
  'runs.changed': d.RunRow;
  /** The denoising as it happens; a run that nobody can watch sends none. */
  'runs.preview': RunPreview;
  'queue.changed': { paused: boolean; waiting: string[] };
  /** After the start, where log and data folder do not fit together. */
  'log.checked': LogCheck;
  'studies.progress': { done: number; total: number | null; phase: string };
  /** Of the study that is being made. */
  'reviews.progress': { done: number; total: number };
  /** The window stays; it shows that the engine is coming back. */
  'engine.state': { state: 'starting' | 'ready' | 'restarting' | 'failed'; reason: string };
}
export type EventName = keyof Events;

export type Envelope<Value> =
  | { ok: true; value: Value }
  | {
      ok: false;
      error: { tag: string; message: string; details: { path?: string; expected?: string; found?: string } };
    };

/** What the preload script puts on `window.verisim`. */
export interface VerisimBridge {
  invoke<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>>;
  /** Files of a drop event; their paths never reach the page. */
  openDropped(files: File[]): Promise<Envelope<d.OpenResult>>;
  /** Returns the function that ends the subscription. */
  on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void;
}
