import type { CallInput } from '../../../preload/contract.ts';
import type { GenerationRequest, ImageSet } from '../../../preload/domain.ts';

/** Two images of the small pack, which take milliseconds. */
export function smallRequest(changes: Partial<GenerationRequest> = {}): GenerationRequest {
  return {
    modelId: 'small',
    count: 2,
    seed: 11,
    classId: null,
    guidance: 1,
    sampler: 'ddim',
    steps: 3,
    provider: 'cpu',
    source: null,
    ...changes,
  };
}

/** “Real or synthetic” over four cases of each class, once; its key stays sealed until it is closed. */
export function studyPlan(
  { real, synthetic }: { real: ImageSet; synthetic: ImageSet },
  changes: Partial<CallInput<'reviews.create'>> = {},
): CallInput<'reviews.create'> {
  return {
    title: 'Turing',
    question: 'real-or-synthetic',
    choices: 1,
    real: [real],
    synthetic: [synthetic],
    casesPerClass: 4,
    seed: 7,
    trainingCases: 0,
    repeats: 0,
    sessions: 1,
    washOutDays: 0,
    timeLimitSeconds: null,
    tools: { zoom: true, window: false, mark: true, comment: true },
    showsResult: false,
    margin: 0.1,
    ...changes,
  };
}
