import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { countGraphCost, countParameters, operationsPerMultiplyAdd } from '../../../main/engine/graph-cost.ts';
import { liveBytes } from '../../../main/engine/memory-estimate.ts';
import { type OnnxGraph, readOnnxGraph } from '../../../main/engine/onnx-graph.ts';
import { readPacks } from '../../../main/engine/packs.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', 'models');
const { packs } = await readPacks([models]);

function graphOf(nodes: [string, string[], string[]][], shapes: Record<string, number[]>): OnnxGraph {
  return {
    nodes: nodes.map(([operator, inputs, outputs]) => ({ operator, domain: '', inputs, outputs })),
    valueBytes: new Map(),
    shapes: new Map(Object.entries(shapes)),
    batch: null,
    weights: new Map(),
    outside: [],
    functions: new Set(),
  };
}

describe('the cost of a network, from its file', () => {
  it.each(packs.map((pack) => [pack.manifest.id, pack] as const))(
    '%s: operations per image and step are those that PyTorch’s FlopCounterMode counted',
    (_, { manifest, folder }) => {
      const { path: name, batch } = manifest.files.denoiser;
      const graph = readOnnxGraph(readFileSync(path.join(folder, name)), batch);
      const { multiplyAdds, uncounted } = countGraphCost(graph);
      expect(uncounted).toEqual([]);
      const gflops = ((multiplyAdds ?? NaN) * operationsPerMultiplyAdd) / batch / 1e9;
      expect(gflops).toBeCloseTo(manifest.gflopsPerStep ?? NaN, 3);
    },
  );

  it.each(packs.map((pack) => [pack.manifest.id, pack] as const))(
    '%s: the values that live at one time are more than one activation and less than all of them',
    (_, { manifest, folder }) => {
      const { path: name, batch } = manifest.files.denoiser;
      const graph = readOnnxGraph(readFileSync(path.join(folder, name)), batch);
      const all = [...graph.valueBytes.values()];
      expect(liveBytes(graph)).toBeGreaterThan(Math.max(...all));
      expect(liveBytes(graph)).toBeLessThan(all.reduce((a, b) => a + b, 0));
    },
  );

  it('parameters are those that PyTorch counts, to the schedule and the norms that the exporter folds', () => {
    for (const { manifest, folder } of packs) {
      const { path: name, batch } = manifest.files.denoiser;
      const counted = countParameters(readOnnxGraph(readFileSync(path.join(folder, name)), batch));
      expect(Math.abs(counted / manifest.parameters - 1)).toBeLessThan(1e-3);
    }
  });

  it('the grey autoencoder has the 195,888 and 283,940 parameters of its PyTorch halves', () => {
    const pack = packs.find(({ manifest }) => manifest.id === 'chest-xray-ldm-128');
    const { encoder, decoder } = pack?.manifest.files ?? {};
    for (const [file, expected] of [[encoder, 195_888] as const, [decoder, 283_940] as const]) {
      const bytes = readFileSync(path.join(pack?.folder ?? '', file?.path ?? ''));
      expect(Math.abs(countParameters(readOnnxGraph(bytes, file?.batch)) - expected)).toBeLessThan(100);
    }
  });

  it('a grouped convolution counts only the channels of its group, a transposed one each input value', () => {
    const shapes = { x: [1, 8, 16, 16], w: [8, 2, 3, 3], y: [1, 8, 16, 16], v: [8, 4, 2, 2], z: [1, 4, 32, 32] };
    const graph = graphOf(
      [
        ['Conv', ['x', 'w'], ['y']],
        ['ConvTranspose', ['y', 'v'], ['z']],
      ],
      shapes,
    );
    expect(countGraphCost(graph).multiplyAdds).toBe(8 * 256 * (2 * 9) + 8 * 256 * (4 * 4));
  });

  it('a product counts its inner side, whichever way the first matrix lies', () => {
    const shapes = { a: [5, 7], t: [7, 5], b: [7, 11], y: [5, 11], z: [5, 11] };
    const graph = graphOf(
      [
        ['MatMul', ['a', 'b'], ['y']],
        ['Gemm', ['t', 'b'], ['z']],
      ],
      shapes,
    );
    expect(countGraphCost(graph).multiplyAdds).toBe(2 * 5 * 7 * 11);
  });

  it('weights in another number format keep their shape through the node that restores them', () => {
    const shapes = { x: [1, 4], half: [4, 6], y: [1, 6] };
    const graph = graphOf(
      [
        ['Cast', ['half'], ['w']],
        ['MatMul', ['x', 'w'], ['y']],
      ],
      shapes,
    );
    expect(countGraphCost(graph)).toEqual({ multiplyAdds: 24, uncounted: [] });
  });

  it('a shape that the file does not state makes the cost unknown, and says where', () => {
    const graph = graphOf([['Conv', ['x', 'w'], ['y']]], { x: [1, 8, 16, 16], w: [8, 8, 3, 3] });
    expect(countGraphCost(graph)).toEqual({ multiplyAdds: null, uncounted: ['Conv y'] });
  });
});
