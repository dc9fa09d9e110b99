import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { SlideGenerationResult } from '../preload/slides.ts';
import { openSlide } from '../main/imaging/slide/open.ts';
import { codingSide, type GradientEnergy, gradientEnergy, seamRatio } from './slides/seams.ts';
import { repositoryRoot } from './repository.ts';

/**
 * Generates square regions, each in a process of its own, and prints time, peak memory, the ratio of the last one's memory to the first
 * one's, and how much more gradient lies across the borders of tiles (256) and of blocks than inside them (1 = no seam; few steps give
 * smooth tissue, in which the squares of JPEG weigh more). A run that was
 * killed goes on where it was. With --only-measure the files are there already.
 *
 *   node scripts/benchmark-slide-generation.ts [--sides 8192,16384] [--steps 50] [--guidance 1.5] [--class lung_aca] [--only-measure]
 *     [--model ID] [--block 512] [--coarse-to-fine 2|4] [--reach 64]   pixels at both sides of a border that it is compared with
 */
const { values } = parseArgs({
  options: {
    sides: { type: 'string', default: '8192,16384' },
    model: { type: 'string', default: 'histology-wdm-128' },
    steps: { type: 'string', default: '50' },
    sampler: { type: 'string', default: 'ddpm' },
    guidance: { type: 'string', default: '1.5' },
    class: { type: 'string' },
    block: { type: 'string', default: '512' },
    provider: { type: 'string', default: 'cpu' },
    work: { type: 'string', default: '/tmp/verisim-benchmark-slide-generation' },
    'coarse-to-fine': { type: 'string' },
    reach: { type: 'string', default: '64' },
    'only-measure': { type: 'boolean', default: false },
  },
});
const work = path.resolve(values.work);
mkdirSync(work, { recursive: true });

const peaks: number[] = [];
for (const side of values.sides.split(',').map(Number)) {
  const file = path.join(work, `${side}.tif`);
  if (!values['only-measure']) {
    const { peakRssMb, seconds, kept, blocks } = generated(file, side);
    peaks.push(peakRssMb);
    const before = kept > 0 ? ` (${kept} of ${blocks} blocks made before)` : '';
    console.log(
      `${side} × ${side}, ${values.steps} steps: ${seconds.toFixed(0)} s${before}, peak ${peakRssMb.toFixed(0)} MB`,
    );
  }
  const slide = await openSlide(file);
  const energy = await gradientEnergy(slide);
  await slide.close();
  for (const border of new Set([256, Number(values.block)])) {
    console.log(`${side}: ${line(`borders of ${border}`, energy, border)}`);
  }
}
if (peaks.length > 1)
  console.log(`Peak memory, last over first: ${((peaks.at(-1) ?? NaN) / (peaks[0] ?? NaN)).toFixed(3)}`);

function line(name: string, energy: GradientEnergy, border: number): string {
  const [onGrid, ofAll] = [codingSide, 1].map((every) => {
    const { ratio, standardError } = seamRatio(energy, { side: border, every, reach: Number(values.reach) });
    return `${ratio.toFixed(4)} ± ${standardError.toFixed(4)}`;
  });
  return `gradient energy across ${name} over lines inside near them: ${onGrid} on the grid of JPEG, ${ofAll} of all (± standard error)`;
}

function generated(out: string, side: number): SlideGenerationResult {
  const { model, steps, sampler, guidance, block, provider } = values;
  const options = { model, steps, sampler, guidance, block, provider, width: side, height: side, seed: 1, out };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  if (values.class !== undefined) args.push('--class', values.class);
  if (values['coarse-to-fine'] !== undefined) args.push('--coarse-to-fine', values['coarse-to-fine']);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [path.join(repositoryRoot, 'main/cli/index.ts'), 'slide', 'generate', ...args, '--json'],
    { encoding: 'utf8', env: { ...process.env, VERISIM_HOME: path.join(work, 'home') } },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as SlideGenerationResult;
}
