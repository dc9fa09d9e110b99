import type { CallParsed } from '../../preload/contract.ts';
import { skippedSteps } from '../diffusion/image-to-image.ts';
import { slotsPerBatch } from '../engine/generate-batch.ts';
import type { MadeImage } from './explain-image.ts';
import type { LoggedRunContext } from './logged-run.ts';

/** One piece of an explanation, with how many calls of the network it takes. */
export type Part = { calls: number; phase: string } & (
  | { kind: 'trace' }
  | { kind: 'spread' | 'restoration'; strength: number; steps: number }
  | { kind: 'source' }
  | { kind: 'class'; label: number | null }
);

/** Below this number of steps a part of them is too coarse to restore anything. */
const fewestSteps = 20;
const mostClasses = 6;
/** The source is covered in as many patches along each side. */
export const patchesAcross = 5;

/** What will be done, in order. Inpainted images are not followed; a model without classes has none to exchange. */
export function planOf(
  { pack: { manifest }, request, settings, source }: MadeImage,
  { members, spreadStrength, restoreStrength, frames }: CallParsed<'explain.run'>,
): Part[] {
  const parts: Part[] = [];
  const strength = settings.strength ?? 1;
  const own = Math.max(1, settings.steps - skippedSteps(settings.steps, strength));
  const followed = request.inpaint === undefined;
  if (followed)
    parts.push({ kind: 'trace', calls: own + 3 * Math.min(frames, own), phase: 'Following the image from noise' });
  const steps = Math.min(manifest.schedule.steps, Math.max(settings.steps, fewestSteps));
  const slots = slotsPerBatch(manifest, settings);
  const inBatches = (images: number): number => Math.ceil(images / slots) * slots;
  for (const [kind, share, phase] of [
    ['spread', spreadStrength, 'Finishing it with other seeds'],
    ['restoration', restoreStrength, 'Noising and restoring it'],
  ] as const)
    parts.push({
      kind,
      strength: share,
      steps,
      calls: inBatches(members) * (steps - skippedSteps(steps, share)),
      phase,
    });
  if (followed && source !== null)
    parts.push({ kind: 'source', calls: inBatches(patchesAcross ** 2) * own, phase: 'Covering the source' });
  const classes = manifest.conditioning?.classes ?? [];
  const others = classes.map((_, label): number | null => label).filter((label) => label !== settings.label);
  const dropped = settings.label === null || classes.length === 0 ? [] : [null];
  if (followed)
    for (const label of [...dropped, ...others.slice(0, mostClasses)])
      parts.push({
        kind: 'class',
        label,
        calls: own,
        phase:
          label === null ? 'Making it without a class' : `Making it with ${classes[label]?.name ?? 'another class'}`,
      });
  return parts;
}

/** Reports the calls that are done of all, with the time left. */
export function progressOf(
  parts: readonly Part[],
  { report }: Pick<LoggedRunContext, 'report'>,
): { begin(part: Part): (done: number, total: number) => void } {
  const total = parts.reduce((sum, { calls }) => sum + calls, 0);
  const started = performance.now();
  return {
    begin(part) {
      const before = parts.slice(0, parts.indexOf(part)).reduce((sum, { calls }) => sum + calls, 0);
      const tell = (share: number): void => {
        const done = Math.round(before + share * part.calls);
        const seconds = (performance.now() - started) / 1000;
        const secondsLeft = done === 0 ? null : (seconds / done) * (total - done);
        report({ done, total, secondsLeft, phase: part.phase });
      };
      tell(0);
      return (done, steps) => tell(Math.min(1, done / steps));
    },
  };
}
