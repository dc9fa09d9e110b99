import { describe, expect, it } from 'vitest';
import { roundHalfToEven, solverTimesteps, timesteps } from '../../../main/diffusion/timesteps.ts';

describe('timesteps', () => {
  it('are those of Lin et al. 2024, table 2, counted from 0', () => {
    expect(timesteps({ count: 5, trained: 1000, spacing: 'leading' })).toEqual([800, 600, 400, 200, 0]);
    expect(timesteps({ count: 5, trained: 1000, spacing: 'linspace' })).toEqual([999, 749, 500, 250, 0]);
    expect(timesteps({ count: 5, trained: 1000, spacing: 'trailing' })).toEqual([999, 799, 599, 399, 199]);
  });

  it('carry the offset of a model in leading spacing only', () => {
    expect(timesteps({ count: 4, trained: 1000, spacing: 'leading', offset: 1 })).toEqual([751, 501, 251, 1]);
    expect(timesteps({ count: 2, trained: 1000, spacing: 'trailing', offset: 1 })).toEqual([999, 499]);
  });

  it('of multistep solvers leave out the last of n + 1 points', () => {
    expect(solverTimesteps({ count: 4, trained: 1000, spacing: 'leading' })).toEqual([800, 600, 400, 200]);
    expect(solverTimesteps({ count: 2, trained: 1000, spacing: 'linspace' })).toEqual([999, 500]);
  });

  it('are as many as were asked for, descending, for every count', () => {
    for (const spacing of ['leading', 'linspace', 'trailing'] as const) {
      for (const count of [1, 2, 3, 7, 20, 48, 333, 1000]) {
        const visited = timesteps({ count, trained: 1000, spacing });
        expect(visited.length).toBe(count);
        expect(visited.every((t, i) => Number.isInteger(t) && (i === 0 || t < (visited[i - 1] ?? 0)))).toBe(true);
      }
    }
  });

  it('round halves to the even neighbour', () => {
    expect([0.5, 1.5, 2.5, 3.5, 499.5, 2.4, 2.6].map(roundHalfToEven)).toEqual([0, 2, 2, 4, 500, 2, 3]);
  });
});
