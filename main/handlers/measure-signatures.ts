import type { FailureSignatures, Signature } from '../../preload/evaluation.ts';
import type { Verdict, VerdictLevel } from '../../preload/measure.ts';

type SignatureName = Exclude<keyof FailureSignatures, 'spectrum' | 'lowLaplacian'>;

const words: Record<SignatureName, { found: string; advice: string }> = {
  checkerboard: {
    found: 'a pattern of period two (checkerboard)',
    advice:
      'Checkerboards come from transposed convolutions and from wavelet bands that do not fit together: finish with more low-noise steps, or train the high bands longer.',
  },
  overSmoothing: {
    found: 'too little fine structure (over-smoothing)',
    advice:
      'Smoothness comes from the autoencoder of a latent model: compare its reconstructions under Latent space; a smaller factor or a longer trained decoder keeps more.',
  },
  grain: {
    found: 'too much fine structure (grain)',
    advice: 'Grain is noise that was not taken away: more steps, or a solver of higher order for the last ones.',
  },
};

/** An AUC from which most images show the failure, and one from which nearly all do. */
const someAuc = 0.75;
const nearlyAllAuc = 0.95;

export function signatureVerdict(signatures: FailureSignatures | null): Verdict {
  const base = { id: 'signatures' as const, title: 'Failure signatures' };
  if (signatures === null)
    return {
      ...base,
      level: 'open',
      sentence: 'The images are too small for a spectrum: 16 × 16 pixels are needed.',
      evidence: [],
      advice: [],
    };
  const names = Object.keys(words) as SignatureName[];
  const shown = names.filter((name) => signatures[name].auc >= someAuc);
  const worst = Math.max(...names.map((name) => signatures[name].auc));
  const level: VerdictLevel = worst >= nearlyAllAuc ? 'poor' : worst >= someAuc ? 'mixed' : 'good';
  const sentence =
    shown.length === 0
      ? 'The spectra show none of the known failures of generators.'
      : `The spectra show ${shown.map((name) => words[name].found).join(' and ')}.`;
  return {
    ...base,
    level,
    sentence,
    evidence: names.map((name) => evidenceOf(words[name].found, signatures[name])),
    advice: shown.map((name) => words[name].advice),
  };
}

function evidenceOf(what: string, { auc, beyondReal }: Signature): string {
  return `${what[0]!.toUpperCase()}${what.slice(1)}: AUC ${auc.toFixed(2)} against real images (0.5 = no difference); ${Math.round(beyondReal * 100)} % of the synthetic images lie beyond 95 % of the real ones.`;
}
