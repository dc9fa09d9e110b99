import type { ExportFormat, ImageSet, RunOutput } from '../../preload/domain.ts';
import type { SetPart } from '../../preload/measure.ts';
import type { OriginalityCheck, OriginalityDecision } from '../../preload/originality.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { Workspace } from './dependencies.ts';
import { writeExport } from './exports.ts';
import { checkSet, rememberedAgainst } from './originality.ts';

/** What is decided beforehand, where nobody can be asked about each suspect. */
export interface GatePolicy {
  /** Real images to look among; null: those that images of this model were last held against. */
  against: SetPart[] | null;
  /** Why nothing is looked at. */
  unchecked: string | null;
  /** Why suspects leave all the same; null leaves them out. */
  keep: string | null;
  /** Raises the threshold. */
  threshold: number | null;
}

export const nothingNamed = 'no real images were named to look among';

/**
 * Looks for the images of a set among real ones and decides on the suspects by the policy. Where no real images are known nothing can be
 * looked at, which the decision says. Throws OriginalityOpen for a suspect in a series that is not kept, and what looking throws.
 */
export async function decide(
  workspace: Workspace,
  { set, policy }: { set: ImageSet; policy: GatePolicy },
  context: { signal: AbortSignal },
): Promise<{ decision: OriginalityDecision; check: OriginalityCheck | null }> {
  if (policy.unchecked !== null) return { decision: { kind: 'unchecked', reason: policy.unchecked }, check: null };
  const against = policy.against ?? rememberedAgainst(workspace, modelOf(workspace, set));
  if (against.length === 0) return { decision: { kind: 'unchecked', reason: nothingNamed }, check: null };
  const check = await checkSet(workspace, { set, against }, context);
  const threshold = Math.max(check.threshold, policy.threshold ?? 0);
  const suspects = check.pairs.filter(({ score }) => score > threshold);
  const { keep } = policy;
  if (set.kind === 'series' && keep === null && suspects.length > 0)
    throw new VerisimError(
      'OriginalityOpen',
      `${suspects.length} of ${check.indices.length} slices resemble a real image, slice ${suspects[0]!.index + 1} most (${suspects[0]!.real}, ${suspects[0]!.score.toFixed(3)}). The series was not exported; say why it may leave, or raise the threshold.`,
      { expected: 'a decision on each suspected copy', found: `${suspects.length} suspects` },
    );
  const decision: OriginalityDecision = {
    kind: 'checked',
    checkId: check.checkId,
    threshold,
    excluded: keep === null ? suspects.map(({ index }) => index) : [],
    kept: keep === null ? [] : suspects.map(({ index }) => ({ index, reason: keep })),
  };
  return { decision, check };
}

/** Whether images of this model can be looked at: real images are named or remembered, and nobody said why not. */
export function canLook(workspace: Workspace, modelId: string | null, policy: GatePolicy): boolean {
  return policy.unchecked === null && (policy.against ?? rememberedAgainst(workspace, modelId)).length > 0;
}

function modelOf({ log }: Workspace, set: ImageSet): string | null {
  return set.kind === 'run' ? log.runs.row(set.runId).modelId : null;
}

export interface Gated {
  check: OriginalityCheck | null;
  /** Suspects that were left out. */
  withheld: OriginalityCheck['pairs'];
  files: RunOutput[];
  /** What was decided, as the log keeps it. */
  words: string[];
}

/** Puts the images of a run into a folder, past the gate: an export of the log for each format. Throws as `decide` and writing. */
export async function deliverGated(
  workspace: Workspace,
  {
    runId,
    policy,
    delivery,
  }: { runId: string; policy: GatePolicy; delivery: { folder: string; formats: ExportFormat[] } },
  context: { signal: AbortSignal },
): Promise<Gated> {
  const set: ImageSet = { kind: 'run', runId };
  const { decision, check } = await decide(workspace, { set, policy }, context);
  const files: RunOutput[] = [];
  let words: string[] = [];
  for (const format of delivery.formats) {
    const input = { set, format, deidentify: false, originality: decision, folder: delivery.folder, flat: true };
    const written = await writeExport(workspace, input, context);
    files.push(...workspace.log.runs.outputs(written.runId));
    words = workspace.log.runs.detail(written.runId).warnings;
  }
  const excluded = new Set(decision.kind === 'checked' ? decision.excluded : []);
  return { check, withheld: check?.pairs.filter(({ index }) => excluded.has(index)) ?? [], files, words };
}
