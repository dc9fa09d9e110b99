import { describe, expect, it } from 'vitest';
import type { LineageNode } from '../../../preload/run-log.ts';
import { nodeSize, placeLineage } from '../../../renderer/components/runs/lineage-layout.ts';

const node = (id: string): LineageNode => ({
  id,
  kind: 'run',
  title: id,
  detail: '',
  runId: null,
  imageIndex: null,
  missing: false,
  asked: false,
});
const place = (ids: string, edges: string) =>
  placeLineage({
    nodes: [...ids].map(node),
    edges: edges.split(' ').map(([from = '', to = '']) => ({ from, to })),
    notes: [],
  });

describe('the drawing of a lineage', () => {
  const drawn = place('smpriac', 'sp pi ri mr ia ac');

  it('leads every edge to the right', () => {
    for (const { from, to } of drawn.edges) expect(to.x).toBeGreaterThan(from.x + nodeSize.width);
    expect(drawn.edges).toHaveLength(6);
  });

  it('lays no node over another, and all within its size', () => {
    for (const [at, one] of drawn.nodes.entries()) {
      expect(one.x).toBeGreaterThanOrEqual(0);
      expect(one.y).toBeGreaterThanOrEqual(0);
      expect(one.x + nodeSize.width).toBeLessThanOrEqual(drawn.width);
      expect(one.y + nodeSize.height).toBeLessThanOrEqual(drawn.height);
      for (const other of drawn.nodes.slice(at + 1))
        expect(one.x !== other.x || Math.abs(one.y - other.y) >= nodeSize.height).toBe(true);
    }
  });

  it('puts a beginning beside what uses it', () => {
    const late = place('abcdm', 'ab bc cd md');
    const column = (id: string) => late.nodes.find((one) => one.id === id)?.column;
    expect(column('m')).toBe(2);
  });

  it('does not uncross what need not cross', () => {
    const two = place('abcd', 'ac bd');
    const y = (id: string) => two.nodes.find((one) => one.id === id)?.y ?? 0;
    expect(Math.sign(y('a') - y('b'))).toBe(Math.sign(y('c') - y('d')));
  });
});
