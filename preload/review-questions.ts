import type { Confidence, QuestionKind } from './review.ts';

/** The question as it is asked, and its answers with their keys. */
export interface AskedQuestion {
  name: string;
  asked: string;
  options: { choice: number; name: string; keys: string[] }[];
}

const letters = ['A', 'B', 'C', 'D'];
const grades = ['poor', 'fair', 'acceptable', 'good', 'excellent'];

export const questionNames: Record<QuestionKind, string> = {
  'real-or-synthetic': 'Real or synthetic',
  'which-is-real': 'Which one is real',
  quality: 'Image quality',
  lesion: 'Lesion present',
  'which-is-better': 'Which one is better',
};

export const confidences: readonly Confidence[] = [1, 2, 3, 4];
export const certainties: Record<Confidence, string> = { 1: 'guess', 2: 'unsure', 3: 'fairly sure', 4: 'certain' };

export function askedQuestion({ question, choices }: { question: QuestionKind; choices: number }): AskedQuestion {
  const name = questionNames[question];
  const ofImages = Array.from({ length: choices }, (_, choice) => ({
    choice,
    name: `Image ${letters[choice] ?? ''}`,
    keys: [(letters[choice] ?? '').toLowerCase()],
  }));
  switch (question) {
    case 'real-or-synthetic':
      return {
        name,
        asked: 'Is this image real or synthetic?',
        options: [
          { choice: 0, name: 'Real', keys: ['r', 'ArrowLeft'] },
          { choice: 1, name: 'Synthetic', keys: ['s', 'ArrowRight'] },
        ],
      };
    case 'lesion':
      return {
        name,
        asked: 'Is a lesion present?',
        options: [
          { choice: 0, name: 'No', keys: ['n', 'ArrowLeft'] },
          { choice: 1, name: 'Yes', keys: ['y', 'ArrowRight'] },
        ],
      };
    case 'quality':
      return {
        name,
        asked: 'How good is the quality of this image?',
        options: grades.map((grade, index) => ({ choice: index + 1, name: grade, keys: [String(index + 1)] })),
      };
    case 'which-is-real':
      return { name, asked: 'Which of these images is real?', options: ofImages };
    case 'which-is-better':
      return { name, asked: 'Which of these images is better?', options: ofImages };
  }
}
