import type { TagElement } from '../../preload/domain.ts';

export interface ComparedElement extends TagElement {
  /** The value in the other file; null where it has no such element. `value` is empty where only the other one has it. */
  other: string | null;
  differs: boolean;
}

/** Elements of two files side by side, in the order of the first; what only the second has comes after its neighbours. */
export function compareTags(left: readonly TagElement[], right: readonly TagElement[]): ComparedElement[] {
  const others = new Map(keyed(right));
  const compared = keyed(left).map(([key, element]): [string, ComparedElement] => {
    const other = others.get(key)?.value ?? null;
    return [key, { ...element, other, differs: other !== element.value }];
  });
  const known = new Set(compared.map(([key]) => key));
  let place = 0;
  for (const [key, element] of keyed(right)) {
    if (known.has(key)) place = compared.findIndex(([at]) => at === key) + 1;
    else compared.splice(place++, 0, [key, { ...element, value: '', other: element.value, differs: true }]);
  }
  return compared.map(([, element]) => element);
}

/** An element is known by the tags above it and by how often the same way occurred before. */
function keyed(elements: readonly TagElement[]): [string, TagElement][] {
  const above: string[] = [];
  const seen = new Map<string, number>();
  return elements.map((element) => {
    above.length = element.depth;
    above.push(element.tag);
    const way = above.join('/');
    const times = seen.get(way) ?? 0;
    seen.set(way, times + 1);
    return [`${way}#${times}`, element];
  });
}
