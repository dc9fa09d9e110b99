import { expect, it } from 'vitest';
import { describeParameters } from '../../../renderer/components/runs/describe-parameters.ts';

it('shows every logged parameter, the known ones in words, long lists with their length', () => {
  const rows = describeParameters({
    modelId: 'brain',
    classId: null,
    steps: 20,
    source: { seriesId: 's1', sliceIndices: [0, 10, 20, 30, 40, 50, 60], strength: 0.5 },
    extra: { nested: true },
  });
  expect(rows).toEqual([
    ['Model', 'brain'],
    ['Class', 'any'],
    ['Steps', '20'],
    ['Source series', 's1'],
    ['Source slices (from 0)', '0, 10, 20, 30, 40, 50, … (7)'],
    ['Strength', '0.5'],
    ['extra.nested', 'true'],
  ]);
  expect(describeParameters({ source: null })).toEqual([['Source', 'noise alone']]);
});
