import type { CallParsed } from '../../preload/contract.ts';
import type { GenerationRequest } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { Workspace } from './dependencies.ts';
import { checkGeneration, createGeneration, newRunId } from './generation.ts';

type Grid = CallParsed<'runs.grid'>['grid'];

/** More than this is more likely a slip of the keyboard than an experiment. */
const mostRuns = 500;

/**
 * One generation for every combination of the values, all with one tag, in the order in which the last name changes fastest. None
 * is queued before all of them are found possible. Throws InvalidInput for more than 500, and what `createGeneration` throws.
 */
export async function createGrid(
  workspace: Workspace,
  { grid, tag, ...request }: CallParsed<'runs.grid'>,
): Promise<{ runIds: string[]; tag: string }> {
  const requests = combinations(request, grid);
  if (requests.length > mostRuns) {
    throw new VerisimError('InvalidInput', `This grid has ${requests.length} runs. Take fewer values.`, {
      expected: `at most ${mostRuns} runs`,
      found: String(requests.length),
    });
  }
  const tagged = tag ?? `grid-${newRunId().slice(-6)}`;
  for (const one of requests) await checkGeneration(workspace, one);
  const runIds: string[] = [];
  for (const one of requests) {
    const { runId } = await createGeneration(workspace, one);
    workspace.log.runs.mark(runId, { tags: [tagged] });
    workspace.emit('runs.changed', workspace.log.runs.row(runId));
    runIds.push(runId);
  }
  return { runIds, tag: tagged };
}

function combinations(request: GenerationRequest, grid: Grid): GenerationRequest[] {
  let all: GenerationRequest[] = [request];
  for (const name of ['modelId', 'classId', 'sampler', 'steps', 'guidance', 'seed'] as const) {
    const values = grid[name];
    if (values === undefined || values.length === 0) continue;
    all = all.flatMap((one) => [...new Set<unknown>(values)].map((value) => ({ ...one, [name]: value })));
  }
  const strengths = grid.strength;
  if (strengths === undefined || strengths.length === 0) return all;
  return all.flatMap((one) => {
    const { source } = one;
    return source === null ? [one] : strengths.map((strength) => ({ ...one, source: { ...source, strength } }));
  });
}
