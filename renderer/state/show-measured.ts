import type { RunDetail } from '../../preload/domain.ts';
import type { Workbench } from './workbench.ts';

/** Kinds of finished runs that have a screen in Measure. */
export const measuredKinds: readonly RunDetail['kind'][] = ['evaluation', 'usefulness', 'probe'];

/** Opens a finished run of these kinds there. */
export function showMeasured(
  { application, lab, evaluations, usefulness, probe }: Workbench,
  { id, kind, state }: RunDetail,
): void {
  if (state !== 'done' || !measuredKinds.includes(kind)) return;
  application.go('measure');
  if (kind === 'usefulness') {
    lab.tab = 'usefulness';
    void usefulness.show(id);
  } else if (kind === 'probe') {
    lab.tab = 'probe';
    void probe.show(id);
  } else {
    lab.tab = 'cohorts';
    void evaluations.show(id);
  }
}
