import { describe, expect, it } from 'vitest';
import { compareTags } from '../../../renderer/state/compare-tags.ts';

const element = (tag: string, value: string, depth = 0) => ({ tag, keyword: tag, vr: 'LO', value, depth });

describe('tags of two files', () => {
  it('stand side by side, and what only one has is told', () => {
    const left = [element('(0008,0060)', 'CT'), element('(0010,0010)', 'A'), element('(0028,0010)', '512')];
    const right = [element('(0008,0060)', 'CT'), element('(0010,0010)', 'B'), element('(0018,0050)', '2')];
    expect(compareTags(left, right).map(({ tag, value, other, differs }) => [tag, value, other, differs])).toEqual([
      ['(0008,0060)', 'CT', 'CT', false],
      ['(0010,0010)', 'A', 'B', true],
      ['(0018,0050)', '', '2', true],
      ['(0028,0010)', '512', null, true],
    ]);
  });

  it('items of sequences meet their own counterparts', () => {
    const items = (first: string, second: string) => [
      element('(0008,1140)', ''),
      element('(0008,1155)', first, 1),
      element('(0008,1155)', second, 1),
    ];
    expect(compareTags(items('1', '2'), items('1', '3')).map(({ differs }) => differs)).toEqual([false, false, true]);
  });
});
