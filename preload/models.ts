import type { ModelSummary, ProviderName } from './domain.ts';

/** Model packs as the window and the command line see them: where they come from, what they cost, which processor runs them. */
export interface ListedModel extends ModelSummary {
  /** `imported`: a person's own pack in the data folder, which may be removed. */
  origin: 'built-in' | 'imported';
}

/** What a pack was found to be before it is listed. */
export interface PackReport {
  id: string;
  version: string;
  name: string;
  files: { name: string; bytes: number; sha256: string }[];
  /** Every network of the pack ran once, on random numbers. */
  trial: { provider: ProviderName; seconds: number; peakBytes: number };
}

export interface ModelCost {
  /** Memory that a run takes at its peak, beyond what the application holds. */
  bytes: number;
  /** `measured`: on this machine, with this provider, in a process of its own. `estimated`: from the weights and the graph. */
  memorySource: 'measured' | 'estimated';
  /** Null until the model was benchmarked or used on this machine with this provider. */
  secondsPerImage: number | null;
  secondsSource: 'benchmark' | 'run' | null;
  /** What the system could give now. */
  freeBytes: number;
  fits: boolean;
  /** One sentence that says what to do where it does not fit, otherwise empty. */
  advice: string;
}

export interface ProviderStatus {
  name: ProviderName;
  /** Its libraries are there; whether the machine has the device shows `providers.check`. */
  installed: boolean;
  /** What runs of this person start with unless they say otherwise. */
  preferred: boolean;
  /** One sentence: what it runs on, or how to install it. */
  note: string;
}

export interface ProviderCheck {
  provider: ProviderName;
  modelId: string;
  works: boolean;
  /** Empty where it works. */
  reason: string;
  /** Seconds of one call of the denoiser after the first one; null where it does not work. */
  secondsPerStep: number | null;
  /** Largest difference of the denoiser's output from the processor's, relative to the largest value of that; null where it does not work. */
  difference: number | null;
}
