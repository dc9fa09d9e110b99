import type { GenerationRequest, ImageReference, RunDetail, RunOutput } from '../../preload/domain.ts';

/** The request of a generation run, or null for other kinds. The log keeps parameters as free JSON, so the shape is checked here. */
export function generationRequestOf(run: Pick<RunDetail, 'kind' | 'parameters'>): GenerationRequest | null {
  const { modelId, count, seed, sampler, steps } = run.parameters;
  const known =
    run.kind === 'generation' &&
    typeof modelId === 'string' &&
    typeof count === 'number' &&
    typeof seed === 'number' &&
    typeof sampler === 'string' &&
    typeof steps === 'number';
  return known ? (run.parameters as unknown as GenerationRequest) : null;
}

/** What a comparison run compared, or null. */
export function comparedImagesOf(
  run: Pick<RunDetail, 'kind' | 'parameters'>,
): { left: ImageReference; right: ImageReference } | null {
  const { left, right } = run.parameters;
  return run.kind === 'comparison' && isImageReference(left) && isImageReference(right) ? { left, right } : null;
}

/** The review a review run belongs to, or null. */
export function reviewIdOf(run: Pick<RunDetail, 'id' | 'kind' | 'parameters'>): string | null {
  if (run.kind !== 'review') return null;
  const { reviewId } = run.parameters;
  return typeof reviewId === 'string' ? reviewId : run.id;
}

export type Reproduction =
  | { kind: 'pending'; finished: number; total: number }
  | { kind: 'equal'; compared: number }
  | { kind: 'different'; compared: number; differing: number[] };

/** Whether a re-run gave the bytes of its parent: SHA-256 of every output against that of the same index. */
export function compareWithParent(run: RunDetail, parent: RunDetail): Reproduction {
  const expected = new Map(parent.outputs.map((output) => [outputKey(output), output.sha256]));
  const matched = run.outputs.filter((output) => expected.has(outputKey(output)));
  const differing = matched
    .filter((output) => expected.get(outputKey(output)) !== output.sha256)
    .map(({ index }) => index);
  if (differing.length > 0) return { kind: 'different', compared: matched.length, differing };
  if (run.state !== 'done' || matched.length < expected.size) {
    return { kind: 'pending', finished: matched.length, total: expected.size };
  }
  return { kind: 'equal', compared: matched.length };
}

function outputKey(output: RunOutput): string {
  return `${output.index}/${output.format}`;
}

function isImageReference(value: unknown): value is ImageReference {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'slice') return 'seriesId' in value && 'sliceIndex' in value;
  return (value.kind === 'output' || value.kind === 'runInput') && 'runId' in value && 'index' in value;
}
