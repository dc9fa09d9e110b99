import type { Lineage, LineageNode } from '../../../preload/run-log.ts';

export interface PlacedNode extends LineageNode {
  column: number;
  x: number;
  y: number;
}

export interface PlacedLineage {
  nodes: PlacedNode[];
  /** From the right edge of one node to the left edge of another. */
  edges: { from: PlacedNode; to: PlacedNode }[];
  width: number;
  height: number;
}

export const nodeSize = { width: 190, height: 46 };
const gap = { x: 56, y: 14 };

/**
 * Columns by the longest way from a beginning, so that every edge goes to the right; within a column in the order of what points there
 * (the barycentre of Sugiyama et al. 1981, one pass), so that few edges cross.
 */
export function placeLineage({ nodes, edges }: Lineage): PlacedLineage {
  const columns = longestWays(nodes, edges);
  const byColumn: PlacedNode[][] = [];
  for (const node of nodes) {
    const column = columns.get(node.id) ?? 0;
    (byColumn[column] ??= []).push({ ...node, column, x: 0, y: 0 });
  }
  const most = Math.max(1, ...byColumn.map((column) => column.length));
  const height = most * (nodeSize.height + gap.y) - gap.y;
  const placed = new Map<string, PlacedNode>();
  for (const [at, column] of byColumn.entries()) {
    const barycentre = (node: PlacedNode): number => {
      const before = edges.filter(({ to }) => to === node.id).map(({ from }) => placed.get(from)?.y ?? 0);
      return before.length === 0 ? 0 : before.reduce((sum, y) => sum + y, 0) / before.length;
    };
    const ordered = column.map((node) => ({ node, key: barycentre(node) })).sort((a, b) => a.key - b.key);
    const own = ordered.length * (nodeSize.height + gap.y) - gap.y;
    for (const [row, { node }] of ordered.entries()) {
      node.x = at * (nodeSize.width + gap.x);
      node.y = (height - own) / 2 + row * (nodeSize.height + gap.y);
      placed.set(node.id, node);
    }
  }
  return {
    nodes: [...placed.values()],
    edges: edges.flatMap(({ from, to }) => {
      const [start, end] = [placed.get(from), placed.get(to)];
      return start === undefined || end === undefined ? [] : [{ from: start, to: end }];
    }),
    width: byColumn.length * (nodeSize.width + gap.x) - gap.x,
    height,
  };
}

/** A beginning that something in a later column uses is drawn close to it, not far at the left. */
function longestWays(nodes: LineageNode[], edges: Lineage['edges']): Map<string, number> {
  const columns = new Map(nodes.map(({ id }) => [id, 0]));
  // Without circles, no way is longer than there are nodes.
  for (let turn = 0; turn < nodes.length; turn++) {
    let changed = false;
    for (const { from, to } of edges) {
      const least = (columns.get(from) ?? 0) + 1;
      if ((columns.get(to) ?? 0) >= least) continue;
      columns.set(to, least);
      changed = true;
    }
    if (!changed) break;
  }
  for (const { id } of nodes) {
    const after = edges.filter(({ from }) => from === id).map(({ to }) => columns.get(to) ?? 0);
    const isBeginning = !edges.some(({ to }) => to === id);
    if (isBeginning && after.length > 0) columns.set(id, Math.min(...after) - 1);
  }
  return columns;
}
