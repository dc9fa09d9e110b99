import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openSlide } from '../../../main/imaging/slide/open.ts';
import { readRegion } from '../../../main/imaging/slide/region.ts';
import { readWindow } from '../../../main/imaging/slide/resample.ts';
import { corpora, hasCorpora, inFolder, titleWith } from '../imaging/shared.ts';
import { pythonWith, runPython } from '../imaging/tools.ts';

const svs = path.join(corpora, 'wsi', 'CMU-1-Small-Region.svs');
const python = pythonWith('PIL');
const canCompare = hasCorpora && python !== null;

const pillow = `
import sys, json, base64
from PIL import Image
width, height = int(sys.argv[2]), int(sys.argv[3])
image = Image.frombytes('RGB', (width, height), open(sys.argv[1], 'rb').read())
print(json.dumps([base64.b64encode(image.resize((w['columns'], w['rows']), Image.BILINEAR, box=(w['x'], w['y'], w['x'] + w['width'], w['y'] + w['height'])).tobytes()).decode() for w in json.loads(sys.argv[4])]))
`;

test.skipIf(!canCompare)(
  titleWith(
    'windows between pixels are those of Pillow, and have exactly the size asked for',
    canCompare,
    'Pillow or the corpus',
  ),
  () =>
    inFolder(async (folder) => {
      const slide = await openSlide(svs);
      const [{ width, height } = { width: 0, height: 0 }] = slide.levels;
      const raw = path.join(folder, 'slide.raw');
      writeFileSync(raw, (await readRegion(slide, { level: 0, x: 0, y: 0, width, height })).rgb);
      const side = (224 * 1) / 0.499;
      const windows = [
        { x: 0, y: 0, width: side, height: side, columns: 224, rows: 224 },
        { x: 2 * side, y: 3 * side, width: side, height: side, columns: 224, rows: 224 },
        { x: 1000.25, y: 1500.75, width: 100, height: 100, columns: 224, rows: 224 },
        { x: 17, y: 23, width: 1300, height: 900, columns: 130, rows: 90 },
        { x: width - 50.5, y: height - 40.5, width: 50.5, height: 40.5, columns: 31, rows: 29 },
      ];
      const expected = JSON.parse(
        runPython(python ?? '', pillow, raw, `${width}`, `${height}`, JSON.stringify(windows)),
      ) as string[];
      for (const [i, window] of windows.entries()) {
        const own = (await readWindow(slide, window)).rgb;
        const theirs = Buffer.from(expected[i] ?? '', 'base64');
        expect(own.length).toBe(window.columns * window.rows * 3);
        const largest = own.reduce((most, value, at) => Math.max(most, Math.abs(value - (theirs[at] ?? -1000))), 0);
        expect(largest).toBeLessThanOrEqual(1);
      }
      await slide.close();
    }),
);

test.skipIf(!hasCorpora)(
  titleWith('a window on whole pixels at its own resolution is a copy', hasCorpora, 'the corpus'),
  async () => {
    const slide = await openSlide(svs);
    const window = { x: 700, y: 900, width: 224, height: 224, columns: 224, rows: 224 };
    const region = await readRegion(slide, { level: 0, x: 700, y: 900, width: 224, height: 224 });
    expect((await readWindow(slide, window)).rgb).toEqual(region.rgb);
    await slide.close();
  },
);
