import type { TimestepSpacing } from '../../preload/domain.ts';

export interface TimestepSettings {
  /** How many to visit. */
  count: number;
  /** T, how many were trained. */
  trained: number;
  spacing: TimestepSpacing;
  /** Added to leading timesteps only; some models were published with 1. Default 0. */
  offset?: number;
}

/** Which of the trained timesteps are visited, noisiest first. Ties round half to even. Lin et al. 2024, table 2. */
export function timesteps({ count, trained, spacing, offset = 0 }: TimestepSettings): number[] {
  switch (spacing) {
    case 'leading':
      return descending(count, Math.floor(trained / count), offset);
    case 'linspace':
      return linspaceDescending(count, trained);
    case 'trailing':
      return trailing(count, trained);
  }
}

/** The variant of multistep ODE solvers: they lay n + 1 points and leave out the last one, which is the clean image. */
export function solverTimesteps({ count, trained, spacing, offset = 0 }: TimestepSettings): number[] {
  switch (spacing) {
    case 'leading':
      return descending(count + 1, Math.floor(trained / (count + 1)), offset).slice(0, -1);
    case 'linspace':
      return linspaceDescending(count + 1, trained).slice(0, -1);
    case 'trailing':
      return trailing(count, trained);
  }
}

/** 2.5 → 2, 3.5 → 4. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function descending(count: number, step: number, offset: number): number[] {
  return Array.from({ length: count }, (_, i) => (count - 1 - i) * step + offset);
}

function linspaceDescending(count: number, trained: number): number[] {
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, i) => roundHalfToEven((count - 1 - i) * ((trained - 1) / (count - 1))));
}

function trailing(count: number, trained: number): number[] {
  return Array.from({ length: count }, (_, i) => roundHalfToEven(trained - i * (trained / count)) - 1);
}
