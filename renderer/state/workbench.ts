import { createContext } from 'svelte';
import type { Client } from '../client.ts';
import { ApplicationState } from './application.svelte.ts';
import { ComparisonState } from './comparison.svelte.ts';
import { EvaluationsState } from './evaluations.svelte.ts';
import { ExplanationState } from './explanation.svelte.ts';
import { FrontierState } from './frontier.svelte.ts';
import { GenerationState } from './generation.svelte.ts';
import { JobsState } from './jobs.svelte.ts';
import { LabState } from './lab.svelte.ts';
import { LogKeepingState } from './log-keeping.svelte.ts';
import { MeasurementState } from './measurement.svelte.ts';
import { ModelsState } from './models.svelte.ts';
import { OriginalityState } from './originality.svelte.ts';
import { ProvidersState } from './providers.svelte.ts';
import { ReviewSetsState } from './review-sets.svelte.ts';
import { ReviewsState } from './reviews.svelte.ts';
import { RunsState } from './runs.svelte.ts';
import { SlidesState } from './slides.svelte.ts';
import { StudiesState } from './studies.svelte.ts';
import { ProbeState, UsefulnessState } from './usefulness.svelte.ts';
import { ViewerKeysState } from './viewer-keys.svelte.ts';

/** Everything a screen works with. Screens take no properties: `const { studies, runs } = getWorkbench()`. */
export interface Workbench {
  client: Client;
  application: ApplicationState;
  studies: StudiesState;
  slides: SlidesState;
  jobs: JobsState;
  models: ModelsState;
  providers: ProvidersState;
  measurement: MeasurementState;
  generation: GenerationState;
  comparison: ComparisonState;
  evaluations: EvaluationsState;
  explanation: ExplanationState;
  frontier: FrontierState;
  lab: LabState;
  originality: OriginalityState;
  probe: ProbeState;
  usefulness: UsefulnessState;
  reviews: ReviewsState;
  reviewSets: ReviewSetsState;
  runs: RunsState;
  logKeeping: LogKeepingState;
  viewerKeys: ViewerKeysState;
}

/** The state of one window; it outlives the screens, which come and go. */
export function createWorkbench(client: Client): Workbench {
  const application = new ApplicationState(client);
  return {
    client,
    application,
    studies: new StudiesState(client),
    slides: new SlidesState(client),
    jobs: new JobsState(client, application),
    models: new ModelsState(client, application),
    providers: new ProvidersState(client),
    measurement: new MeasurementState(client),
    generation: new GenerationState(client),
    comparison: new ComparisonState(client),
    evaluations: new EvaluationsState(client),
    explanation: new ExplanationState(client),
    frontier: new FrontierState(client),
    lab: new LabState(client),
    originality: new OriginalityState(client),
    probe: new ProbeState(client),
    usefulness: new UsefulnessState(client),
    reviews: new ReviewsState(client),
    reviewSets: new ReviewSetsState(client),
    runs: new RunsState(client),
    logKeeping: new LogKeepingState(client),
    viewerKeys: new ViewerKeysState(client),
  };
}

export const [getWorkbench, setWorkbench] = createContext<Workbench>();
