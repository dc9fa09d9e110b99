import { describe, expect, it } from 'vitest';
import type { StudyPlan } from '../../../preload/review.ts';
import { canonicalJson } from '../../../main/review/canonical-json.ts';
import { type Candidate, type Draft, freezeDesign, sequenceOf } from '../../../main/review/design.ts';
import { randomSource } from '../../../main/review/random.ts';

const candidates = (prefix: string, count: number, changes: (index: number) => Partial<Candidate> = () => ({})) =>
  Array.from({ length: count }, (_, index): Candidate => ({
    id: `${prefix}:${index}`,
    patient: `${prefix}-patient-${index}`,
    group: prefix,
    ...changes(index),
  }));
const pools = { real: candidates('real', 90), synthetic: candidates('run', 400) };
const plan: StudyPlan = {
  title: 'Heads',
  question: 'real-or-synthetic',
  choices: 1,
  real: [],
  synthetic: [],
  casesPerClass: 30,
  seed: 7,
  trainingCases: 0,
  repeats: 0,
  sessions: 1,
  washOutDays: 0,
  timeLimitSeconds: null,
  tools: { zoom: true, window: false, mark: false, comment: false },
  showsResult: true,
  margin: 0.1,
};
const freeze = (changes: Partial<StudyPlan> = {}, from = pools) => freezeDesign({ ...plan, ...changes }, from);
const truthsInOrder = ({ design, images }: Draft, session = 1) =>
  sequenceOf(design, session).map((item) => images[design.items[item]![0]!]!.truth);

describe('a frozen design', () => {
  it('takes every image at most once, from its own set, as many of each class', () => {
    const { images, design } = freeze();
    expect(design.items.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    for (const [truth, prefix] of [
      ['real', 'real:'],
      ['synthetic', 'run:'],
    ] as const) {
      const chosen = images.filter((one) => one.truth === truth).map(({ candidate }) => candidate.id);
      expect(new Set(chosen).size).toBe(30);
      expect(chosen.every((id) => id.startsWith(prefix))).toBe(true);
    }
  });

  it('never shows more than four of one truth in a row, for any seed and size', () => {
    for (let seed = 0; seed < 100; seed++) {
      const casesPerClass = 1 + (seed % 40);
      const truths = truthsInOrder(freeze({ seed, casesPerClass }))
        .map((truth) => truth[0])
        .join('');
      expect(truths).not.toMatch(/r{5}|s{5}/);
      expect(truths.replaceAll('s', '').length).toBe(casesPerClass);
    }
  });

  it('never puts two images of one patient next to each other while the patients suffice, and counts where they do not', () => {
    const few = { ...pools, real: candidates('real', 90, (index) => ({ patient: `p${index % 6}` })) };
    for (let seed = 0; seed < 30; seed++) expect(freeze({ seed }, few).design.neighbours).toBe(0);
    const one = { ...pools, real: candidates('real', 90, () => ({ patient: 'p' })) };
    const { design, images } = freeze({}, one);
    const patients = sequenceOf(design, 1).map((item) => images[design.items[item]![0]!]!.candidate.patient);
    const met = patients.slice(1).filter((patient, place) => patient === patients[place]).length;
    expect(design.neighbours).toBe(met);
  });

  it('draws in equal parts from every group', () => {
    const groups = { ...pools, synthetic: candidates('run', 400, (index) => ({ group: index < 340 ? 'ldm' : 'wdm' })) };
    const drawn = freeze({}, groups).images.filter(({ truth }) => truth === 'synthetic');
    expect(drawn.filter(({ candidate }) => candidate.group === 'wdm')).toHaveLength(15);
  });

  it('draws about equally often from every patient, or slide, of a group', () => {
    const slides = {
      ...pools,
      real: candidates('real', 90, (index) => ({ patient: index < 80 ? 'large' : `small ${index % 2}` })),
    };
    const drawn = freeze({ casesPerClass: 9 }, slides).images.filter(({ truth }) => truth === 'real');
    for (const patient of ['large', 'small 0', 'small 1'])
      expect(drawn.filter(({ candidate }) => candidate.patient === patient)).toHaveLength(3);
  });

  it('neither the number of a case nor that of an image tells its truth', () => {
    let even = 0;
    for (let seed = 0; seed < 200; seed++)
      even += freeze({ seed }).images.filter(({ truth }, number) => number % 2 === 0 && truth === 'real').length;
    // 6,000 fair draws: five standard deviations.
    expect(Math.abs(even - 3000)).toBeLessThan(200);
  });

  it('is the same for the same sets and seed in whatever order they were listed, and another for another seed', () => {
    const first = canonicalJson(freeze());
    const relisted = { real: pools.real.toReversed(), synthetic: [...pools.synthetic, pools.synthetic[3]!] };
    expect(canonicalJson(freeze({}, relisted))).toBe(first);
    expect(canonicalJson(freeze({ seed: 8 }))).not.toBe(first);
  });

  it('either truth comes first, and second, about equally often', () => {
    const orders = Array.from({ length: 400 }, (_, seed) => truthsInOrder(freeze({ seed, casesPerClass: 5 })));
    for (const place of [0, 1, 9]) {
      const real = orders.filter((truths) => truths[place] === 'real').length;
      expect(Math.abs(real - 200)).toBeLessThan(50);
    }
  });

  it('plants repeats late, gives each session its own order, and trains before', () => {
    const { design } = freeze({ repeats: 6, sessions: 2, trainingCases: 4 });
    const [first, second] = design.orders as [number[], number[]];
    expect([design.training.length, first.length, new Set(first).size]).toEqual([4, 66, 60]);
    expect(second).not.toEqual(first);
    const trained = new Set(design.training.map(({ item }) => item));
    expect(first.some((item) => trained.has(item))).toBe(false);
    const gaps = first.flatMap((item, place) => (first.indexOf(item) < place ? [place - first.indexOf(item)] : []));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10);
  });

  it('of m images one is real, in every place equally often', () => {
    const { design, images } = freeze({ question: 'which-is-real', choices: 4, casesPerClass: 80 });
    const places = design.items.map((numbers) => numbers.findIndex((number) => images[number]!.truth === 'real'));
    expect(design.items.every((numbers) => numbers.length === 4)).toBe(true);
    for (const place of [0, 1, 2, 3]) expect(places.filter((one) => one === place).length).toBeGreaterThan(8);
  });

  it('says what is missing when a set is too small, or overlaps the other', () => {
    expect(() => freeze({ casesPerClass: 91 })).toThrow(/91 real images and the chosen set has 90/);
    expect(() => freeze({}, { ...pools, synthetic: pools.real })).toThrow(/in the real and in the synthetic set/);
    expect(() => freeze({ casesPerClass: 0 })).toThrow(/Choose a larger set/);
  });
});

it('the random source is SplitMix64, as its authors’ reference program prints it for seed 1234567', () => {
  const { word } = randomSource(1_234_567);
  expect([word(), word(), word(), word(), word()]).toEqual([
    6457827717110365317n,
    3203168211198807973n,
    9817491932198370423n,
    4593380528125082431n,
    16408922859458223821n,
  ]);
});

it('canonical JSON is that of RFC 8785: sorted keys, no white space, numbers as ECMAScript writes them', () => {
  // Section 3.2.3 of the RFC, shortened.
  const sample = {
    numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27],
    string: '€$\u000f\nA',
    literals: [null, true, false],
  };
  expect(canonicalJson(sample)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA"}',
  );
  expect(() => canonicalJson({ value: Number.NaN })).toThrow(/NaN/);
});
