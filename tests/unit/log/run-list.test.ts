import { beforeAll, describe, expect, it } from 'vitest';
import type { RunSort } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import { type Log, openLog } from '../../../main/log/log.ts';
import { newLogFile, newRun } from './new-run.ts';

let log: Log<never>;

const day = (n: number): string => `2026-11-${String(n).padStart(2, '0')}T08:00:00.000Z`;
const hash = 'ab12cd34ef56ab12'.repeat(4);

beforeAll(() => {
  log = openLog(newLogFile());
  const { runs } = log;
  runs.create(
    newRun('brain-1', {
      title: 'Axial brain',
      modelId: 'brain-wdm',
      seed: 77,
      parameters: { steps: 20, sampler: 'ddim', source: { strength: 0.3 } },
    }),
    day(1),
  );
  runs.create(
    newRun('chest-1', {
      title: 'Chest, lesion',
      modelId: 'chest-ldm',
      seed: 5,
      parameters: { steps: 50, sampler: 'unipc', steps2: 'many' },
    }),
    day(2),
  );
  runs.create(
    newRun('chest-2', {
      title: 'Chest again',
      modelId: 'chest-ldm',
      seed: 9,
      parentRunId: 'chest-1',
      parameters: { steps: 250, sampler: 'ddim' },
    }),
    day(3),
  );
  runs.create(
    newRun('compare', { kind: 'comparison', title: 'Original and variant', modelId: null, seed: null, parameters: {} }),
    day(4),
  );
  runs.change('chest-1', {
    state: 'failed',
    error: { tag: 'DiskFull', message: 'No space was left.' },
    startedAt: day(2),
    finishedAt: '2026-11-02T08:01:30.000Z',
  });
  runs.addOutput('brain-1', {
    index: 0,
    path: '/0.png',
    sha256: hash,
    seed: 77,
    format: 'png',
    spacingMm: null,
    source: null,
  });
  runs.change('brain-1', { state: 'done', timings: { total: 12 } });
  runs.change('compare', { state: 'done', result: { metrics: { ssim: 0.91 }, histogram: { left: [1, 2] } } });
  runs.mark('brain-1', { starred: true, note: 'Größte Ähnlichkeit', tags: ['pilot', 'figure/2'] });
});

const found = (text: string, sort?: RunSort): string[] =>
  log.runs.list({ text, kind: null, state: null, limit: 100, offset: 0, sort }).rows.map(({ id }) => id);

describe('a filter', () => {
  it.each([
    ['chest', ['chest-2', 'chest-1']],
    ['CHEST lesion', ['chest-1']],
    ['les', ['chest-1']],
    ['"les"', []],
    ['"axial chest"', []],
    ['grosste', []],
    ['große', []],
    ['grö', ['brain-1']],
    ['ahnlich', ['brain-1']],
    ['pilot', ['brain-1']],
    ['space', ['chest-1']],
    ['unipc', ['chest-1']],
    [hash, ['brain-1']],
    ['kind:comparison', ['compare']],
    ['kind:comp,rev', ['compare']],
    ['state=failed', ['chest-1']],
    ['state!=failed,done', ['chest-2']],
    ['model:chest', ['chest-2', 'chest-1']],
    ['model!=chest-ldm', ['compare', 'brain-1']],
    ['-model:chest', ['compare', 'brain-1']],
    ['seed>5', ['chest-2', 'brain-1']],
    ['steps>=50', ['chest-2', 'chest-1']],
    ['steps:20', ['brain-1']],
    ['steps>100 OR steps<30', ['chest-2', 'brain-1']],
    ['(steps>100 OR steps<30) -is:starred', ['chest-2']],
    ['NOT (steps>100 OR steps<30)', ['compare', 'chest-1']],
    ['sampler:ddim chest', ['chest-2']],
    ['chest OR brain', ['chest-2', 'chest-1', 'brain-1']],
    ['steps2:man', ['chest-1']],
    ['steps2>0', []],
    ['source.strength<0.5', ['brain-1']],
    ['result.metrics.ssim>0.9', ['compare']],
    ['timings.total:12', ['brain-1']],
    ['seconds>60', ['chest-1']],
    ['outputs:1', ['brain-1']],
    ['created:2026-11-02', ['chest-1']],
    ['created>2026-11-02', ['compare', 'chest-2']],
    ['created>=2026-11-03 created<=2026-11-03', ['chest-2']],
    ['tag:fig', ['brain-1']],
    ['tag=pilot', ['brain-1']],
    ['tag!=pilot', ['compare', 'chest-2', 'chest-1']],
    ['has:note', ['brain-1']],
    ['has:tag', ['brain-1']],
    ['has:failure', ['chest-1']],
    ['failure:DiskFull', ['chest-1']],
    ['parent:chest-1', ['chest-2']],
    ['title:"brain"', ['brain-1']],
    ['title:50%', []],
    ['%', []],
    ["'; DROP TABLE runs; --", []],
  ])('%s', (text, ids) => {
    expect(found(text)).toEqual(ids);
  });

  it.each([
    ['(brain', /character 1: a bracket that is not closed/],
    ['brain)', /character 6: a closing bracket/],
    ['brain OR', /character 9: the end/],
    ['"brain', /character 1: a quotation mark/],
    ['stesp>5', /“stesp”/],
    ['seed:many', /“seed” is a number/],
    ['created>yesterday', /“yesterday” is no date/],
    ['age<soon', /age<7d/],
    ['is:nice', /is:starred/],
  ])('that cannot be read says why: %s', (text, message) => {
    expect(() => found(text)).toThrow(VerisimError);
    expect(() => found(text)).toThrow(message);
  });
});

describe('the list', () => {
  it('is sorted by every column, both ways', () => {
    expect(found('', { by: 'title', descending: false })).toEqual(['brain-1', 'chest-2', 'chest-1', 'compare']);
    expect(found('', { by: 'seed', descending: true })).toEqual(['brain-1', 'chest-2', 'chest-1', 'compare']);
    expect(found('', { by: 'outputs', descending: true })[0]).toBe('brain-1');
    expect(found('', { by: 'starred', descending: true })[0]).toBe('brain-1');
    expect(found('', { by: 'seconds', descending: true })[0]).toBe('chest-1');
    expect(found('chest', { by: 'created', descending: false })).toEqual(['chest-1', 'chest-2']);
  });

  it('tells stars, tags and notes, and keeps what is not changed', () => {
    log.runs.mark('chest-2', { note: 'Seen twice' });
    log.runs.mark('chest-2', { tags: ['b', 'a'] });
    expect(log.runs.row('chest-2')).toMatchObject({ starred: false, note: 'Seen twice', tags: ['a', 'b'] });
    expect(found('"seen twice"')).toEqual(['chest-2']);
    log.runs.mark('chest-2', { note: '', tags: [] });
    expect(found('twice')).toEqual([]);
  });

  it('finds a part of a text among more different ones than are compared once each', () => {
    const many = openLog(newLogFile());
    many.transaction(() => {
      for (let at = 0; at < 450; at++) {
        many.runs.create(
          newRun(`r${at}`, { parameters: { recipe: `blend ${String(at).padStart(3, '0')} of four`, at } }),
        );
      }
    });
    const of = (text: string) =>
      many.runs
        .list({ text, kind: null, state: null, limit: 500, offset: 0 })
        .rows.map(({ id }) => id)
        .sort();
    expect(of('recipe:"7 of"')).toHaveLength(45);
    expect(of('recipe:"end 10"')).toEqual(Array.from({ length: 10 }, (_, at) => `r${100 + at}`));
    expect(of('recipe:"449 OF"')).toEqual(['r449']);
    expect(of('recipe:_')).toEqual([]);
    many.close();
  });

  it('gives the pages of many runs without a gap, on both ways of sorting', () => {
    const many = openLog(newLogFile());
    many.transaction(() => {
      for (let at = 0; at < 5_200; at++) many.runs.create(newRun(`r${at}`, { seed: at % 7 }));
    });
    const page = (offset: number, text: string) =>
      many.runs.list({ text, kind: null, state: null, limit: 100, offset, sort: { by: 'seed', descending: false } })
        .rows;
    expect(
      new Set([...page(0, 'seed<7'), ...page(100, 'seed<7'), ...page(200, 'seed<7')].map(({ id }) => id)).size,
    ).toBe(300);
    expect(page(5_100, 'seed<7').map(({ seed }) => seed)).toEqual(Array(100).fill(6));
    expect(page(100, 'seed:3').every(({ seed }) => seed === 3)).toBe(true);
    many.close();
  });

  it('knows the names that a filter may use', () => {
    expect(log.runs.vocabulary().names).toEqual(
      expect.arrayContaining(['steps', 'source.strength', 'result.metrics.ssim']),
    );
    expect(log.runs.vocabulary().tags).toEqual(['figure/2', 'pilot']);
  });
});

describe('pages', () => {
  it('follow each other without a gap or a double, wherever in the order the matching runs lie', () => {
    const many = openLog(newLogFile());
    const count = 1_500;
    many.transaction(() => {
      for (let seed = 0; seed < count; seed++)
        many.runs.create(
          newRun(`run-${seed}`, { seed, modelId: seed % 3 === 0 ? 'chest-ldm' : 'brain-wdm', parameters: {} }),
          `2026-11-01T08:${String(Math.floor(seed / 60)).padStart(2, '0')}:${String(seed % 60).padStart(2, '0')}.000Z`,
        );
    });
    const all = (text: string, descending: boolean, limit: number): number[] => {
      const page = (offset: number) =>
        many.runs.list({ text, kind: null, state: null, limit, offset, sort: { by: 'created', descending } });
      const seeds: number[] = [];
      for (let offset = 0; offset <= page(0).total; offset += limit)
        seeds.push(...page(offset).rows.map(({ seed }) => seed!));
      return seeds;
    };
    const upTo = (end: number) => Array.from({ length: end }, (_, seed) => seed);
    expect(all('seed<7', true, 2)).toEqual(upTo(7).reverse());
    expect(all('seed<7', false, 2)).toEqual(upTo(7));
    expect(all('seed>=1490 OR seed<10', true, 7)).toEqual(
      [...upTo(10), ...upTo(10).map((seed) => 1490 + seed)].reverse(),
    );
    expect(all('model:chest', true, 200)).toEqual(
      upTo(count)
        .filter((seed) => seed % 3 === 0)
        .reverse(),
    );
    many.close();
  });
});
