import type { ExplanationMap } from '../../preload/explain.ts';

export type MapKind = 'spread' | 'restoration' | 'guidance' | 'source' | 'class';
/** The name of a condition that is left out. */
export const noClass = 'no class';

type Words = Pick<ExplanationMap, 'title' | 'unit' | 'scale' | 'statement' | 'grounding' | 'limits'>;

/** What each kind of map shows, what it rests on, and what it cannot say. Percent are of the model's intensity range. */
export function wordsOf(kind: MapKind, facts: { members: number; strength: number; from: string; to: string }): Words {
  const { members, from, to } = facts;
  const strength = `${Math.round(facts.strength * 100)} %`;
  switch (kind) {
    case 'spread':
      return {
        title: 'Spread over seeds',
        unit: '% of the range, standard deviation',
        scale: 'sequential',
        statement: `The image was brought back to ${strength} noise and finished with ${members} other seeds: where they differ, this place was left to chance.`,
        grounding: 'Wolleb et al. 2022; De Vita and Belagiannis 2025',
        limits: `It is the chance of the sampling from ${strength} noise on, not the doubt about the weights: a place may be the same for every seed and still be wrong.`,
      };
    case 'restoration':
      return {
        title: 'Noise and restore',
        unit: '% of the range, image − mean of restorations',
        scale: 'diverging',
        statement: `The image was brought to ${strength} noise and restored ${members} times: what is not restored is unusual for what the model has learnt.`,
        grounding: 'Wyatt et al. 2022 (AnoDDPM)',
        limits:
          'Fine detail that the noise has drowned comes back otherwise too, so single bright pixels mean little, and what the model learnt from its data is not thereby healthy or right.',
      };
    case 'guidance':
      return {
        title: 'What the class asks for',
        unit: '% of the range, with the class − without it',
        scale: 'diverging',
        statement: `At the same noisy samples the network was asked with ${from} and without a class: the mean difference of its guesses shows where the class pulls.`,
        grounding: 'Ho and Salimans 2022',
        limits:
          'It shows the pull of the label as the model learnt it, which may be a marker, a position or a dose instead of the finding.',
      };
    case 'source':
      return {
        title: 'What the source decides',
        unit: '% of the range, mean change of the image',
        scale: 'sequential',
        statement:
          'One patch of the source slice after the other was covered with its mean grey and the image made again with the same seed: bright patches change the whole image most.',
        grounding: 'Zeiler and Fergus 2014 (occlusion)',
        limits:
          'A patch that is grey like the mean changes little when it is covered, however much it matters, and the map is as coarse as its patches.',
      };
    case 'class':
      return {
        title: to === noClass ? 'The class taken away' : `Made with ${to}`,
        unit: `% of the range, ${to} − ${from}`,
        scale: 'diverging',
        statement: `The same seed and noise with ${to} instead of ${from}: what changes depends on the condition.`,
        grounding: 'Zeiler and Fergus 2014; Sanchez and Tsaftaris 2022',
        limits:
          'Small shifts of the anatomy are differences too, and one seed is one example: it is no effect of a disease.',
      };
  }
}
