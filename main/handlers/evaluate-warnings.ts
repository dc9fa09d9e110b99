import { slidesOf } from './evaluate-images.ts';
import type { SetGrid, SetImage } from './set-image.ts';

/** What may spoil the numbers, as sentences for the person. */
export function warningsOf(real: SetImage[], synthetic: SetImage[], grid: SetGrid): string[] {
  const warnings: string[] = [];
  const marked = real.filter((image) => image.synthetic);
  if (marked.length > 0)
    warnings.push(
      `${marked.length} of ${real.length} images in the real folder are marked as synthetic, ${marked[0]!.name} among them: the numbers do not compare with real images only.`,
    );
  const unmarked = synthetic.filter((image) => !image.synthetic).length;
  if (unmarked > 0)
    warnings.push(
      `${unmarked} of ${synthetic.length} images in the synthetic folder carry no mark of being synthetic.`,
    );
  const realHashes = new Set(real.map(({ sha256 }) => sha256));
  const same = synthetic.filter(({ sha256 }) => realHashes.has(sha256)).length;
  if (same > 0)
    warnings.push(
      `${same} of ${synthetic.length} synthetic images are the same as an image of the real folder, pixel by pixel.`,
    );
  for (const [name, images] of [
    ['real', real],
    ['synthetic', synthetic],
  ] as const) {
    const distinct = new Set(images.map(({ sha256 }) => sha256)).size;
    if (distinct < images.length)
      warnings.push(
        `${images.length - distinct} of ${images.length} ${name} images repeat another one of that folder.`,
      );
  }
  const sizes = [...new Set([...real, ...synthetic].map(({ size }) => size))];
  const wanted = `${grid.width}×${grid.height}`;
  if (sizes.length > 1)
    warnings.push(
      `The images have ${sizes.length} sizes (${sizes.slice(0, 4).join(', ')}); all were fitted to ${wanted}, and a difference of size alone changes the numbers.`,
    );
  else if (sizes[0] !== wanted)
    warnings.push(
      `The images of ${sizes[0]} were fitted to the extractor’s ${wanted}: finer structure does not count.`,
    );
  warnings.push(...colourWarnings(real, synthetic, grid));
  const [slide, ...others] = slidesOf(real);
  if (slide !== undefined && others.length === 0)
    warnings.push(
      `All real patches are of one slide, ${slide}: the floor and the limit for copies say how alike its own patches are, and other slides differ more.`,
    );
  warnings.push(...classWarnings(real, synthetic));
  return warnings;
}

function colourWarnings(real: SetImage[], synthetic: SetImage[], { channels }: SetGrid): string[] {
  const [ofReal, ofSynthetic] = [real, synthetic].map((set) => set.filter(({ isColour }) => isColour).length);
  if (ofReal! + ofSynthetic! === 0) return [];
  if (channels === 1)
    return [
      `${ofReal} real and ${ofSynthetic} synthetic images are in colour; only their brightness was measured. Choose an extractor for colour to measure all of it.`,
    ];
  const [greyReal, greySynthetic] = [real.length - ofReal!, synthetic.length - ofSynthetic!];
  return greyReal + greySynthetic === 0
    ? []
    : [
        `${greyReal} real and ${greySynthetic} synthetic images are grey among others in colour: the numbers count that as a difference.`,
      ];
}

function classWarnings(real: SetImage[], synthetic: SetImage[]): string[] {
  const count = (images: SetImage[], label: string): number => images.filter((one) => one.label === label).length;
  const of = (images: SetImage[]): string[] =>
    [...new Set(images.map(({ label }) => label))].filter((label) => label !== '');
  const [inReal, inSynthetic] = [of(real), of(synthetic)];
  const shared = inReal.filter((label) => inSynthetic.includes(label));
  if (shared.length === 0) return [];
  const warnings: string[] = [];
  for (const [have, lack, images, other] of [
    [inReal, inSynthetic, real, 'synthetic'],
    [inSynthetic, inReal, synthetic, 'real'],
  ] as const)
    for (const label of have.filter((one) => !lack.includes(one)))
      warnings.push(
        `The ${other} set has no image of the class ${label} (${count([...images], label)} in the other): the overall numbers count its absence, the numbers by class leave it out.`,
      );
  const share = (images: SetImage[], label: string): number => count(images, label) / images.length;
  const apart = shared.filter((label) => Math.abs(share(real, label) - share(synthetic, label)) > 0.1);
  if (apart.length > 0)
    warnings.push(
      `The mix of classes differs: ${apart
        .map(
          (label) =>
            `${label} is ${percent(share(real, label))} of the real and ${percent(share(synthetic, label))} of the synthetic images`,
        )
        .join('; ')}. The overall numbers count that as a difference; look at the numbers by class.`,
    );
  return warnings;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
