import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Annotation } from '../../../preload/annotations.ts';
import { openLog } from '../../../main/log/log.ts';
import { context, openBench, openPhantom } from '../handlers/workspace.ts';

const newFolder = (): string => mkdtempSync(path.join(os.tmpdir(), 'verisim-annotations-'));

const length = (seriesId: string, changes: Partial<Annotation> = {}): Annotation => ({
  id: 'a-1',
  seriesId,
  kind: 'length',
  label: 'across',
  pointsLps: [
    [0, 0, 0],
    [30, 40, 0],
  ],
  rightLps: [1, 0, 0],
  downLps: [0, 1, 0],
  sliceIndex: 2,
  measured: { lengthUnit: 'mm', unit: 'HU', length: 50 },
  createdAt: '2026-01-02T03:04:05.000Z',
  ...changes,
});

const ellipse = (seriesId: string): Annotation =>
  length(seriesId, {
    id: 'a-2',
    kind: 'ellipse',
    label: '=SUM(A1)',
    createdAt: '2026-01-02T03:04:06.000Z',
    measured: {
      lengthUnit: 'mm',
      unit: 'HU',
      area: 942.4778,
      voxels: 900,
      mean: 12.5,
      standardDeviation: 3,
      minimum: -4,
      maximum: 31,
    },
  });

describe('annotations in the log', () => {
  it('outlive a restart, in the order they were drawn', () => {
    const file = path.join(newFolder(), 'verisim.sqlite');
    const log = openLog(file);
    log.annotations.change([ellipse('s'), length('s')], []);
    log.close();
    const again = openLog(file);
    expect(again.annotations.list('s')).toEqual([length('s'), ellipse('s')]);
    expect(again.annotations.list('other')).toEqual([]);
    again.close();
  });

  it('a change keeps the place in the list, a removal takes one away', () => {
    const log = openLog(path.join(newFolder(), 'verisim.sqlite'));
    log.annotations.change([length('s'), ellipse('s')], []);
    log.annotations.change([length('s', { label: 'along' })], ['a-2']);
    expect(log.annotations.list('s').map(({ label }) => label)).toEqual(['along']);
    log.close();
  });

  it('stay when the series leaves the list, and are there when it is opened again', async () => {
    const bench = await openBench();
    const { seriesId, file } = await openPhantom(bench);
    await bench.handlers['annotations.save']({ saved: [length(seriesId)], removed: [] }, context);
    await bench.handlers['studies.forget']({ seriesId }, context);
    await expect(bench.handlers['annotations.list']({ seriesId }, context)).rejects.toMatchObject({
      tag: 'UnknownSeries',
    });
    await bench.handlers['studies.open']({ paths: [file] }, context);
    const { annotations } = await bench.handlers['annotations.list']({ seriesId }, context);
    expect(annotations).toEqual([length(seriesId)]);
    await bench.workspace.close();
  });
});

describe('annotations written', () => {
  it('as CSV: a row each, units in columns, no formula for a spreadsheet', async () => {
    const bench = await openBench();
    const { seriesId } = await openPhantom(bench);
    await bench.handlers['annotations.save']({ saved: [length(seriesId), ellipse(seriesId)], removed: [] }, context);
    const folder = newFolder();
    const { files } = await bench.handlers['annotations.write']({ seriesId, format: 'csv', folder }, context);
    const [head = '', first = '', second = ''] = readFileSync(files[0] ?? '', 'utf8').split('\r\n');
    const cell = (row: string, name: string) => row.split(',')[head.split(',').indexOf(name)];
    expect([cell(first, 'length'), cell(first, 'length_unit'), cell(first, 'slice')]).toEqual(['50', 'mm', '3']);
    expect([cell(second, 'mean'), cell(second, 'area_unit'), cell(second, 'label')]).toEqual([
      '12.5',
      'mm2',
      "'=SUM(A1)",
    ]);
    await bench.workspace.close();
  });

  it.skipIf(!existsSync('/usr/bin/dciodvfy') || !existsSync('/usr/bin/dsrdump'))(
    'as a TID 1500 report that dciodvfy accepts and dsrdump reads back (needs dicom3tools and dcmtk)',
    async () => {
      const bench = await openBench();
      const { series } = await bench.handlers['studies.open'](
        { paths: [path.join(import.meta.dirname, '../../../resources/sample/colin27-t1-dicom.zip')] },
        context,
      );
      const seriesId = series[0]?.id ?? '';
      const corners: Annotation['pointsLps'] = [
        [0, 0, 0],
        [30, 40, 0],
        [30, 0, 0],
      ];
      const drawn = (['angle', 'rectangle', 'probe', 'text', 'keyImage'] as const).map((kind, i) =>
        length(seriesId, {
          id: `b-${i}`,
          kind,
          pointsLps: corners.slice(0, kind === 'angle' ? 3 : kind === 'rectangle' ? 2 : 1),
          measured:
            kind === 'angle'
              ? { lengthUnit: 'mm', unit: '', angleDegrees: 53.13 }
              : kind === 'text' || kind === 'keyImage'
                ? null
                : { lengthUnit: 'mm', unit: '', value: 7 },
        }),
      );
      const saved = [length(seriesId), ellipse(seriesId), ...drawn];
      await bench.handlers['annotations.save']({ saved, removed: [] }, context);
      const { files } = await bench.handlers['annotations.write'](
        { seriesId, format: 'sr', folder: newFolder() },
        context,
      );
      const [file = ''] = files;
      const verdict = execFileSync('sh', ['-c', 'dciodvfy "$1" 2>&1 || true', 'sh', file], { encoding: 'utf8' });
      expect(verdict.split('\n').filter((line) => line.startsWith('Error'))).toEqual([]);
      const dump = execFileSync('dsrdump', ['+Pl', file], { encoding: 'utf8' });
      expect(dump).toContain('Imaging Measurement Report');
      expect(dump).toMatch(/NUM:\(.*Length.*\)="50"/);
      expect(dump).toMatch(/SCOORD3D:.*ELLIPSE/);
      await bench.workspace.close();
    },
    60_000,
  );
});
