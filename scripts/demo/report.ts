import type { ModelSummary, RunDetail, SeriesSummary } from '../../preload/domain.ts';
import { reportStyle } from './report-style.ts';

export interface DemoReport {
  version: string;
  createdAt: Date;
  secondsTotal: number;
  machine: string;
  series: SeriesSummary;
  model: ModelSummary;
  /** 8-bit PNGs of slices of the opened study. */
  realSlices: { png: Uint8Array; sliceIndex: number }[];
  generation: RunDetail;
  generated: { png: Uint8Array; seed: number; sha256: string }[];
  variation: RunDetail;
  variants: Variant[];
  files: { path: string; sha256: string }[];
}

export interface Variant {
  sliceIndex: number;
  seed: number;
  sha256: string;
  source: Uint8Array;
  output: Uint8Array;
  difference: Uint8Array;
  psnrDb: number | null;
  ssim: number | null;
}

/** One HTML page that needs nothing else: pictures are inside it. */
export function renderReport(report: DemoReport): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="digitalSourceType" content="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia">
<title>Verisim demonstration</title><style>${reportStyle}</style></head><body><main>
<header><h1>Verisim demonstration</h1>
<p>${escape(report.createdAt.toISOString().slice(0, 16).replace('T', ' '))} UTC · Verisim ${escape(report.version)} · ${seconds(report.secondsTotal)} in all · ${escape(report.machine)}</p></header>
<p class="notice"><b>This page holds synthetic images.</b> Every picture with an amber frame was made by a model. For research and teaching, not for diagnosis.</p>
${openedSection(report)}${generatedSection(report)}${variantSection(report)}${limitsSection(report)}${repeatSection(report)}${filesSection(report)}
</main></body></html>
`;
}

function openedSection({ series, realSlices }: DemoReport): string {
  const facts: Fact[] = [
    ['Study', series.studyDescription || series.patientName || 'Sample'],
    ['Series', series.description],
    ['Format', `${series.format.toUpperCase()}, ${series.fileCount} files`],
    [
      'Size',
      `${series.columns} × ${series.rows} × ${series.slices} at ${series.spacingMm.map((value) => value.toFixed(2)).join(' × ')} mm`,
    ],
  ];
  return `<section><h2>1 · The study that was opened</h2>${factTable(facts)}
<div class="grid eight">${realSlices.map(({ png, sliceIndex }) => figure(png, `real · slice ${sliceIndex + 1}`, `Real slice ${sliceIndex + 1}`)).join('')}</div></section>`;
}

function generatedSection({ generation, generated, model }: DemoReport): string {
  const pictures = generated.map(({ png, seed, sha256 }) =>
    figure(png, `seed ${seed}<br><code>${sha256.slice(0, 12)}…</code>`, `Synthetic image with seed ${seed}`, true),
  );
  return `<section><h2>2 · ${generated.length} images made from nothing</h2>
<p>No input but a seed and no class. All of them are shown; none was picked. Compare their shapes and texture with the real slices above.</p>
<div class="grid eight">${pictures.join('')}</div>${factTable([...modelFacts(model), ...runFacts(generation)])}</section>`;
}

function variantSection({ variation, variants }: DemoReport): string {
  const cards = variants.map(
    ({ sliceIndex, seed, sha256, source, output, difference, psnrDb, ssim }) => `<div class="variant">
${figure(source, `real · slice ${sliceIndex + 1}`, 'The real slice on the model’s grid')}
${figure(output, `seed ${seed}<br><code>${sha256.slice(0, 12)}…</code>`, 'The synthetic variant', true)}
${figure(difference, `PSNR ${psnrDb === null ? '–' : `${psnrDb.toFixed(1)} dB`}<br>SSIM ${ssim === null ? '–' : ssim.toFixed(3)}`, 'Variant minus source')}</div>`,
  );
  return `<section><h2>3 · ${variants.length} variants of real slices</h2>
<p>Image to image: noise is added to a real slice and the model takes it away again. Each row of three: the slice, its variant, and variant − slice. PSNR and SSIM say how far the variant went from its own slice, not how good it is.</p>
<p class="scale"><span>−50 % of the window</span><i></i><span>+50 %</span></p>
<div class="variants">${cards.join('')}</div>${factTable(runFacts(variation))}</section>`;
}

function limitsSection({ model }: DemoReport): string {
  const quality = model.quality.map(
    ({ metric, value, low, high, n, extractor }) =>
      `<tr><td>${escape(metric)}</td><td class="numbers">${value.toPrecision(4)} (${low.toPrecision(4)} to ${high.toPrecision(4)})</td><td class="numbers">${n}</td><td>${escape(extractor)}</td></tr>`,
  );
  const table = `<table><thead><tr><th>Metric</th><th>Value (95 % interval)</th><th>n</th><th>Extractor</th></tr></thead><tbody>${quality.join('')}</tbody></table>`;
  return `<section><h2>4 · What the model cannot do</h2><p>${escape(model.intendedUse)}</p>
<ul>${model.limits.map((limit) => `<li>${escape(limit)}</li>`).join('')}</ul>
<p>Trained on ${model.data.images.toLocaleString('en')} images of ${escape(model.data.name)} (${escape(model.data.licence)}): ${model.training.optimiserSteps.toLocaleString('en')} steps, ${model.training.imagesSeen.toLocaleString('en')} images seen, ${model.training.hours} h on ${escape(model.training.hardware)}.</p>
${quality.length > 0 ? table : '<p>The pack states no measured quality.</p>'}</section>`;
}

function repeatSection({ generation, variation }: DemoReport): string {
  return `<section><h2>5 · The same bytes again</h2>
<p>Both runs are in the experiment log. The same seed gives the same bytes on the same provider, in any batch and any order:</p>
<pre>npm run -s verisim -- runs rerun ${escape(generation.id)}
npm run -s verisim -- runs rerun ${escape(variation.id)}</pre>
<details><summary>Everything that is logged</summary><pre>${escape(JSON.stringify([generation, variation], null, 2))}</pre></details></section>`;
}

function filesSection({ files }: DemoReport): string {
  const rows = files.map(({ path, sha256 }) => `<tr><td>${escape(path)}</td><td><code>${sha256}</code></td></tr>`);
  return `<section><h2>6 · Files</h2><p>Every file says by itself that it is synthetic. DICOM: Synthetic Data (0008,001C) = YES and a Synthesizing Equipment item (0018,A001). PNG: text chunks with model, sampler, steps and seed, and the IPTC digital source type.</p>
<table class="files"><thead><tr><th>File</th><th>SHA-256</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}

type Fact = readonly [name: string, value: string];

function modelFacts(model: ModelSummary): Fact[] {
  return [
    [
      'Model',
      `${model.name} (${model.id} ${model.version}, ${model.family.toUpperCase()}, ${(model.parameters / 1e6).toFixed(1)} M parameters)`,
    ],
    ['Licence of the weights', model.licence],
  ];
}

function runFacts(run: RunDetail): Fact[] {
  const { sampler, steps, guidance, seed, count, source } = run.parameters as Record<string, unknown> & {
    source?: { strength: number } | null;
  };
  const timings = Object.entries(run.timings).map(([phase, value]) => `${phase} ${seconds(value)}`);
  return [
    ['Run', run.id],
    [
      'Sampler',
      `${String(sampler)}, ${String(steps)} steps, guidance ${String(guidance)}${source ? `, strength ${source.strength}` : ''}`,
    ],
    ['Seeds', `${Number(seed)} to ${Number(seed) + Number(count) - 1}`],
    ['Provider', run.provider ?? '–'],
    ['Time', timings.join(' · ')],
    ['Peak memory', run.peakRssMb === null ? '–' : `${Math.round(run.peakRssMb)} MB`],
    ...run.inputs.map(({ name, sha256 }) => [`SHA-256 of ${name}`, sha256] as const),
    ...run.warnings.map((warning) => ['Note', warning] as const),
  ];
}

function factTable(facts: Fact[]): string {
  return `<dl>${facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('')}</dl>`;
}

function figure(png: Uint8Array, captionHtml: string, alternative: string, synthetic = false): string {
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const badge = synthetic ? '<span class="badge">SYN</span>' : '';
  return `<figure${synthetic ? ' class="synthetic"' : ''}><div>${badge}<img src="${source}" alt="${escape(alternative)}"></div><figcaption>${captionHtml}</figcaption></figure>`;
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} s`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
