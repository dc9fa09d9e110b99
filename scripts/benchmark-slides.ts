import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openSlide } from '../main/imaging/slide/open.ts';
import { readOverview } from '../main/imaging/slide/overview.ts';
import { tissueFeatures } from '../main/imaging/slide/tissue/features.ts';
import { findTissue } from '../main/imaging/slide/tissue/mask.ts';
import { readViewTile } from '../main/imaging/slide/view-tile.ts';
import { defaultTissue } from '../preload/slides.ts';
import { repositoryRoot } from './repository.ts';

/**
 * Opens a slide of 100,000 × 100,000 pixels, tiles it with Verisim and, patch for patch, with a loop of openslide-python and Pillow, in turns
 * on the same cores; prints the times, their ratio and the peak memory. Needs Debian's python3-openslide, python3-pil, libvips-tools.
 *
 *   node scripts/benchmark-slides.ts [--slide FILE | --source SMALL.svs] [--side 100000] [--share 0.1] [--repeats 3] [--work DIR]
 */
const { values } = parseArgs({
  options: {
    slide: { type: 'string' },
    source: { type: 'string', default: path.join(repositoryRoot, '../shared/data/wsi/CMU-1-Small-Region.svs') },
    share: { type: 'string', default: '0.1' },
    repeats: { type: 'string', default: '3' },
    side: { type: 'string', default: '100000' },
    size: { type: 'string', default: '224' },
    mpp: { type: 'string', default: '1' },
    work: { type: 'string', default: '/tmp/verisim-benchmark-slides' },
  },
});

const side = Number(values.side);
const work = path.resolve(values.work);
mkdirSync(work, { recursive: true });
const slide = values.slide ?? madeSlide(values.source);
await timeOpening();
const region = path.join(work, 'region.geojson');
const edge = Math.round(side * Math.sqrt(Number(values.share)));
const corners = [
  [0, 0],
  [edge, 0],
  [edge, edge],
  [0, edge],
  [0, 0],
];
writeFileSync(
  region,
  JSON.stringify({ type: 'Feature', geometry: { type: 'Polygon', coordinates: [corners] }, properties: {} }),
);

const loop = `
import csv, math, sys
from multiprocessing import Process
import openslide
from PIL import Image

def work(file, rows, out, size):
    slide = openslide.OpenSlide(file)
    for row in rows:
        x, y, side = float(row['x']), float(row['y']), float(row['side'])
        level = slide.get_best_level_for_downsample(side / size * 1.01)
        down = slide.level_downsamples[level]
        left, top = math.floor(x / down), math.floor(y / down)
        length = math.ceil(side / down) + 1
        region = slide.read_region((int(left * down), int(top * down)), level, (length, length)).convert('RGB')
        box = (x / down - left, y / down - top, x / down - left + side / down, y / down - top + side / down)
        region.resize((size, size), Image.BILINEAR, box=box).save(out + '/' + row['index'] + '.png')

rows, many, size = list(csv.DictReader(open(sys.argv[2]))), int(sys.argv[5]), int(sys.argv[4])
# Halves that lie apart, so that neither process decodes what the other one has.
parts = [rows[len(rows) * i // many:len(rows) * (i + 1) // many] for i in range(many)]
started = [Process(target=work, args=(sys.argv[1], part, sys.argv[3], size)) for part in parts]
for one in started: one.start()
for one in started: one.join()
`;

const rows: { verisim: number; loop: number; loops: number; patches: number; peakRssMb: number }[] = [];
for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
  const own = tileWithVerisim();
  const loop = tileWithPillow(1);
  const loops = tileWithPillow(2);
  rows.push({ ...own, loop, loops });
  console.log(
    `${own.patches} patches: Verisim ${own.verisim.toFixed(1)} s (${own.peakRssMb.toFixed(0)} MB), one loop ${loop.toFixed(1)} s, two loops ${loops.toFixed(1)} s`,
  );
}
const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
console.log(
  `Loop over Verisim, middle of ${rows.length}: ${median(rows.map((row) => row.loop / row.verisim)).toFixed(2)}`,
);
console.log(`Two loops at once over Verisim: ${median(rows.map((row) => row.loops / row.verisim)).toFixed(2)}`);
console.log(`Peak memory: ${Math.max(...rows.map((row) => row.peakRssMb)).toFixed(0)} MB`);

/** From nothing to the first picture of the whole slide, and to the tissue mask, as the window asks for them. */
async function timeOpening(): Promise<void> {
  const started = performance.now();
  const opened = await openSlide(slide);
  await readViewTile(opened, { level: 9, column: 0, row: 0 });
  const shown = performance.now();
  const overview = await readOverview(opened);
  findTissue(tissueFeatures(overview), defaultTissue, { downsample: overview.downsample, micronsPerPixel: null });
  const masked = performance.now();
  await opened.close();
  console.log(
    `Opened and shown in ${((shown - started) / 1000).toFixed(2)} s, mask ${((masked - shown) / 1000).toFixed(2)} s later, ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
  );
}

/** Real tissue, side by side: a pyramid with JPEG tiles as scanners write them. */
function madeSlide(source: string): string {
  const file = path.join(work, `slide-${side}.tif`);
  if (existsSync(file)) return file;
  console.log(`Making a slide of ${side} × ${side} pixels …`);
  const whole = path.join(work, 'source.v');
  command('vips', ['copy', source, whole]);
  const [width = 1, height = 1] = ['width', 'height'].map((field) =>
    Number(command('vipsheader', ['-f', field, whole])),
  );
  const options = '[tile,pyramid,compression=jpeg,Q=75,bigtiff,tile-width=256,tile-height=256]';
  command('vips', [
    'replicate',
    whole,
    `${file}${options}`,
    String(Math.ceil(side / width)),
    String(Math.ceil(side / height)),
  ]);
  rmSync(whole);
  return file;
}

function tileWithVerisim(): { verisim: number; patches: number; peakRssMb: number } {
  const out = path.join(work, 'verisim');
  rmSync(out, { recursive: true, force: true });
  const options = ['--size', values.size, '--mpp', values.mpp, '--regions', region, '--out', out, '--json'];
  const started = performance.now();
  const text = command(process.execPath, [path.join(repositoryRoot, 'main/cli/index.ts'), 'tile', slide, ...options]);
  const { patches, peakRssMb } = JSON.parse(text) as { patches: number; peakRssMb: number };
  return { verisim: (performance.now() - started) / 1000, patches, peakRssMb };
}

/** The same patches, read at the same level, filtered the same way, written as PNG. */
function tileWithPillow(processes: number): number {
  const out = path.join(work, 'pillow');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const script = path.join(work, 'loop.py');
  writeFileSync(script, loop);
  const started = performance.now();
  command('/usr/bin/python3', [
    script,
    slide,
    path.join(work, 'verisim', 'tiles.csv'),
    out,
    values.size,
    String(processes),
  ]);
  const made = command('/bin/sh', ['-c', `ls ${out} | wc -l`]);
  const wanted =
    readFileSync(path.join(work, 'verisim', 'tiles.csv'), 'utf8')
      .trim()
      .split('\n').length - 1;
  if (Number(made) !== wanted) throw new Error(`The loop made ${made.trim()} of ${wanted} patches.`);
  return (performance.now() - started) / 1000;
}

function command(program: string, args: string[]): string {
  const env = { ...process.env, VERISIM_HOME: path.join(work, 'home') };
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, env });
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${stderr}`);
  return stdout;
}
