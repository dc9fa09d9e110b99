import type { ModelSummary, ProviderName } from '../../preload/domain.ts';
import type { SamplerName } from '../../preload/samplers.ts';
import { presetOf, type QualityPreset, randomSeed, samplerOfPreset, usualSteps } from './generation-form.ts';

/** How a model is asked to draw: of which class, with which sampler, from which seed, and on what it runs. */
export class SamplingState {
  modelId = $state<string | null>(null);
  classId = $state<string | null>(null);
  seed = $state(randomSeed());
  sampler = $state<SamplerName>('ddim');
  steps = $state(20);
  guidance = $state(1);
  provider = $state<ProviderName>('cpu');
  /** Whether the details of the sampler are unfolded. */
  advancedShown = $state(false);

  /** With the pack's own sampler and guidance; a preset that was chosen stays chosen. */
  chooseModel(model: ModelSummary, before: ModelSummary | null): void {
    if (this.modelId === model.id) return;
    const preset = before === null ? 'standard' : presetOf(this, before);
    this.modelId = model.id;
    if (!model.classes.some(({ id }) => id === this.classId)) this.classId = null;
    this.guidance = model.defaults.guidance;
    this.choosePreset(preset ?? 'standard', model);
  }

  choosePreset(preset: QualityPreset, model: ModelSummary): void {
    const { sampler, steps } = samplerOfPreset(preset, model);
    this.sampler = sampler;
    this.steps = steps;
  }

  chooseSampler(sampler: SamplerName, model: ModelSummary): void {
    this.sampler = sampler;
    this.steps = usualSteps(sampler, model);
  }
}
