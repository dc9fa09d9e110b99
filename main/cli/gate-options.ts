import type { ExportFormat } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { Workspace } from '../handlers/dependencies.ts';
import { canLook, type Gated, type GatePolicy, nothingNamed } from '../handlers/gate.ts';
import { addFolder } from '../handlers/measure-sets.ts';
import { numberOption } from './command.ts';

export const gateArguments = {
  against: { type: 'string', multiple: true },
  unchecked: { type: 'string' },
  'keep-suspects': { type: 'string' },
  likeness: { type: 'string' },
} as const;

export const gateOptions = `  --against DIR    real images, best those that the model was trained on, may be repeated: each image is held against them before it
                   leaves, and a suspected copy stays behind; by default those that images of the model were last held against
  --unchecked WHY  looks for no copies; the reason is kept in the log
  --keep-suspects WHY  suspected copies leave too; the reason is kept in the log
  --likeness F     raises the likeness above which an image is a suspect, 0 to 1`;

export interface GateValues {
  against?: string[];
  unchecked?: string;
  'keep-suspects'?: string;
  likeness?: string;
}

const fewestLetters = 3;

/** Throws WrongUse for options that contradict each other. */
export function readGate(workspace: Workspace, values: GateValues): GatePolicy {
  const { against, unchecked, likeness } = values;
  const looking = [against, values['keep-suspects'], likeness].some((value) => value !== undefined);
  if (unchecked !== undefined && looking)
    throw new VerisimError(
      'WrongUse',
      '--unchecked looks for no copies; --against, --keep-suspects and --likeness do.',
    );
  return {
    against: against?.map((folder) => ({ kind: 'folder', folderId: addFolder(workspace, folder).id })) ?? null,
    unchecked: unchecked === undefined ? null : reason(unchecked, 'unchecked'),
    keep: values['keep-suspects'] === undefined ? null : reason(values['keep-suspects'], 'keep-suspects'),
    threshold:
      likeness === undefined ? null : numberOption(likeness, { option: 'likeness', min: 0, max: 1, whole: false }),
  };
}

interface Delivery {
  folder: string;
  formats: ExportFormat[];
}

export interface PlannedDelivery {
  /** Put there image by image, as they are made. */
  now: Delivery | null;
  /** Put there after the search for copies. */
  gated: { policy: GatePolicy; delivery: Delivery } | null;
  /** Why images leave without a search; null where none leave, or after one. */
  unchecked: string | null;
}

/** When images that are being made are put into a folder: after the search for copies where it can be made. Throws WrongUse. */
export function planDelivery(
  workspace: Workspace,
  { delivery, modelId, values }: { delivery: Delivery | null; modelId: string | null; values: GateValues },
): PlannedDelivery {
  if (delivery === null) return { now: null, gated: null, unchecked: null };
  const policy = readGate(workspace, values);
  if (canLook(workspace, modelId, policy)) return { now: null, gated: { policy, delivery }, unchecked: null };
  return { now: delivery, gated: null, unchecked: policy.unchecked ?? nothingNamed };
}

/** What the search for copies found, as JSON shows it. */
export function gateSummary({ check, withheld, words }: Pick<Gated, 'check' | 'withheld' | 'words'>): object {
  const pair = ({ index, real, score }: Gated['withheld'][number]) => ({ index, real, score });
  return {
    searched: check?.searched ?? 0,
    threshold: check?.threshold ?? null,
    withheld: withheld.map(pair),
    decisions: words,
  };
}

/** An export that is asked for by itself is looked at, or says why not. */
export function undecided(): VerisimError {
  return new VerisimError(
    'OriginalityOpen',
    'Before generated images leave, name real images to look among with --against DIR, or say why not with --unchecked WHY.',
    { expected: '--against DIR or --unchecked WHY' },
  );
}

function reason(text: string, option: string): string {
  if (text.trim().length >= fewestLetters) return text.trim();
  throw new VerisimError('WrongUse', `--${option} takes a reason of ${fewestLetters} letters or more.`, {
    expected: 'a reason',
    found: text,
  });
}
